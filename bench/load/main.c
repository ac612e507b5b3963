/* The generator's clock: each millisecond a twentieth of the legs speaks. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MOST_BEHIND 60                  /* ticks; what was missed beyond is missed for good */
#define FIRST_MEDIA 0x7f010001          /* 127.1.0.1, and on from there */
#define BUFFER (32 << 20)

struct options options = {.host = "127.0.0.1", .user = "100", .signalling = "127.0.3.3", .phones = "127.0.2.2",
                          .port = 5060, .phones_port = 25090, .rtp_port = 32600, .most = 10, .events = 1};
struct figures figures;
struct outcomes outcomes;
struct call *calls;
int begun, wanted, operators;
uint32_t dropped;

static uint64_t time_of(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return at.tv_sec * SECOND + at.tv_nsec;
}

uint64_t now(void) {
    return time_of(CLOCK_REALTIME);
}

double cpu_used(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void fail(const char *what) {
    perror(what);
    exit(2);
}

int open_socket(const char *address, int port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), yes = 1, size = BUFFER;
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(address)};
    for (int i = 0; i < 2; i++)
        if (setsockopt(fd, SOL_SOCKET, i ? SO_RCVBUFFORCE : SO_SNDBUFFORCE, &size, sizeof size))
            setsockopt(fd, SOL_SOCKET, i ? SO_RCVBUF : SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    if (bind(fd, (void *)&own, sizeof own))
        fail(address);
    return fd;
}

struct call *leg(int number) {
    if (number >= 0 && number < begun)
        return &calls[number];
    if (number >= options.most && number < options.most + operators)
        return &calls[number];
    return NULL;
}

void up(struct call *call, uint64_t at) {
    call->state = UP;
    call->answered_at = at;
}

void over(struct call *call, int succeeded, int status) {
    if (call->state == OVER)
        return;
    call->state = OVER;
    call->succeeded = succeeded;
    if (call->left_at == 0)
        call->left_at = now();
    if (call->is_operator)
        return;
    if (succeeded) {
        outcomes.succeeded++;
        return;
    }
    outcomes.failed++;
    if (status >= 0 && status < 700)
        outcomes.statuses[status]++;
}

void add_sample(struct samples *samples, double value) {
    if (samples->count < samples->room)
        samples->values[samples->count++] = value;
}

static void speak(uint64_t tick, uint64_t at) {
    for (int first = 0; first <= options.most; first += options.most) {
        int end = first ? options.most + operators : begun;
        for (int i = first + tick % TICKS; i < end; i += TICKS)
            if (calls[i].state == UP)
                rtp_send(&calls[i], tick, at);
    }
}

static void note_lateness(double late) {
    int bin = late < 0 ? 0 : (int)(late * 10);
    figures.ticks[bin < LATENESS ? bin : LATENESS - 1]++;
    if (late > figures.latest_tick)
        figures.latest_tick = late;
}

static void run(int sip, int phones, int steering) {
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec every = {{0, MILLISECOND}, {0, MILLISECOND}};
    struct pollfd sources[] = {{timer, POLLIN, 0}, {steering, POLLIN, 0}, {sip, POLLIN, 0}, {phones, POLLIN, 0}};
    uint64_t began_at = time_of(CLOCK_MONOTONIC), tick = 0, expired;
    timerfd_settime(timer, 0, &every, NULL);
    for (;;) {
        poll(sources, 4, 100);
        if (sources[1].revents)
            steer_receive();
        if (sources[2].revents)
            sip_receive(sip);
        if (sources[3].revents)
            sip_receive(phones);
        if (read(timer, &expired, sizeof expired) != sizeof expired)
            continue;
        rtp_receive();
        uint64_t passed = time_of(CLOCK_MONOTONIC) - began_at, due = passed / MILLISECOND, at = now();
        for (uint64_t missed = tick + 1; missed <= due; missed++)
            note_lateness(passed / 1e6 - (double)missed);
        if (due > tick + MOST_BEHIND)
            tick = due - MOST_BEHIND;
        while (tick < due)
            speak(++tick, at);
        rtp_flush();
        steer_look(at);
    }
}

static void read_options(int count, char **words) {
    static const struct option known[] = {
        {"target", 1, 0, 't'}, {"user", 1, 0, 'u'}, {"most", 1, 0, 'n'}, {"bare", 1, 0, 'b'}, {"no-events", 0, 0, 'e'},
        {"stamps", 0, 0, 's'}, {"key", 1, 0, 'k'}, {"frames", 1, 0, 'f'}, {0}};
    int option;
    while ((option = getopt_long(count, words, "", known, NULL)) != -1)
        switch (option) {
        case 't': sscanf(optarg, "%63[^:]:%d", options.host, &options.port); break;
        case 'u': snprintf(options.user, sizeof options.user, "%s", optarg); break;
        case 'n': options.most = atoi(optarg); break;
        case 'b': options.bare = atoi(optarg); break;
        case 'e': options.events = 0; break;
        case 's': options.stamps = 1; break;
        case 'k': snprintf(options.key, sizeof options.key, "%s", optarg); break;
        case 'f': snprintf(options.frames, sizeof options.frames, "%s", optarg); break;
        default: exit(2);
        }
    if (strncmp(options.host, "127.", 4) || options.most < 1 || !*options.key != !*options.frames) {
        fprintf(stderr, "wanted: --target 127.x.y.z:port, --most above 0, --key with --frames\n");
        exit(2);
    }
    options.target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(options.port),
                                          .sin_addr.s_addr = inet_addr(options.host)};
}

int main(int count, char **words) {
    read_options(count, words);
    calls = calloc(2 * options.most, sizeof *calls);
    struct samples *measured[] = {&figures.set_up, &figures.stop, &figures.start};
    for (int i = 0; i < 3; i++)
        *measured[i] = (struct samples){calloc(4 * options.most, sizeof(double)), 0, 4 * options.most};
    for (int i = 0; i < 2 * options.most; i++)
        calls[i] = (struct call){.number = i, .is_operator = i >= options.most, .media_address = FIRST_MEDIA + i,
                                 .ssrc = 0x1000 + i, .event_payload_type = 101};
    rtp_open();
    window_begin();
    int sip = options.bare ? -1 : sip_open(), phones = options.bare ? -1 : phones_open();
    run(sip, phones, steer_open());
}
