/* The generator's clock, and its figures as one JSON object on stdout. Phases are told on stderr as they begin. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define TICKS 20                        /* of 1 ms in a frame: each caller speaks in one of them */
#define MOST_BEHIND 60                  /* ticks; what was missed beyond is missed for good */
#define RESERVE 30.0                    /* seconds after which even calls that hang are given up */
#define FIRST_MEDIA 0x7f010001          /* 127.1.0.1, and on from there */
#define BUFFER (32 << 20)

struct options options = {.host = "127.0.0.1", .user = "100", .signalling = "127.0.3.3", .port = 5060, .calls = 10,
                          .rtp_port = 32600, .rate = 50, .seconds = 10};
struct figures figures;
struct call *calls;
int begun;
static int ended;

uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    return at.tv_sec * SECOND + at.tv_nsec;
}

void fail(const char *what) {
    perror(what);
    exit(2);
}

int open_socket(const char *address, int port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), yes = 1, size = BUFFER;
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(address)};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    if (bind(fd, (void *)&own, sizeof own))
        fail(address);
    return fd;
}

void over(struct call *call, int succeeded, int status) {
    if (call->state == OVER)
        return;
    call->state = OVER;
    call->succeeded = succeeded;
    if (call->left_at == 0)
        call->left_at = now();
    ended++;
    if (succeeded) {
        figures.succeeded++;
        return;
    }
    figures.failed++;
    if (status >= 0 && status < 700)
        figures.statuses[status]++;
}

static void tell(const char *phase) {
    fprintf(stderr, "%s\n", phase);
    fflush(stderr);
}

static void begin_calls(uint64_t began_at, uint64_t at) {
    int due = (int)((at - began_at) / 1e9 * options.rate) + 1;
    for (; begun < due && begun < options.calls; begun++)
        sip_begin(&calls[begun]);
}

/* One look at every call; returns how many are still waiting for an answer. */
static int look_after(uint64_t at) {
    int waiting = 0;
    for (int i = 0; i < begun; i++) {
        struct call *call = &calls[i];
        if (call->state == OVER)
            continue;
        if (call->state == UP && at >= call->ends_at)
            sip_leave(call);
        sip_repeat(call, at);
        waiting += call->state == CALLING;
    }
    return waiting;
}

static void speak(uint64_t tick, uint64_t at) {
    for (int i = tick % TICKS; i < begun; i += TICKS)
        if (calls[i].state == UP && at < calls[i].ends_at)
            rtp_send(&calls[i], at);
}

static void note_lateness(double late) {
    int bin = late < 0 ? 0 : late > 200 ? 2000 : (int)(late * 10);
    figures.ticks[bin]++;
    if (late > figures.latest_tick)
        figures.latest_tick = late;
}

static uint64_t steady(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * SECOND + at.tv_nsec;
}

static void run(int sip) {
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), playing = 0, leaving = 0;
    struct itimerspec every = {{0, MILLISECOND}, {0, MILLISECOND}};
    struct pollfd sources[] = {{sip, POLLIN, 0}, {timer, POLLIN, 0}};
    uint64_t began_at = now(), steady_from = steady(), tick = 0, expired;
    uint64_t until = began_at + (uint64_t)((options.calls / options.rate + options.seconds + RESERVE) * 1e9);
    timerfd_settime(timer, 0, &every, NULL);
    tell("start");
    for (;;) {
        poll(sources, 2, 100);
        sip_receive();
        if (read(timer, &expired, sizeof expired) != sizeof expired)
            continue;
        rtp_receive();
        uint64_t passed = steady() - steady_from, due = passed / MILLISECOND, at = now();
        note_lateness(passed / 1e6 - (double)(tick + 1));
        if (due > tick + MOST_BEHIND)
            tick = due - MOST_BEHIND;
        while (tick < due)
            speak(++tick, at);
        rtp_flush();
        begin_calls(began_at, at);
        int waiting = look_after(at);
        if (!playing && begun == options.calls && !waiting)
            playing = 1, tell("playing");
        if (playing && !leaving && at >= calls[0].ends_at)
            leaving = 1, tell("leaving");
        if ((begun == options.calls && ended == begun) || at > until)
            break;
    }
    tell("over");
}

static int by_size(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void print_samples(const char *name, struct samples *samples) {
    qsort(samples->values, samples->count, sizeof *samples->values, by_size);
    for (int i = 0; i < 3 && samples->count; i++) {
        static const double shares[] = {0.5, 0.99, 1};
        static const char *const names[] = {"p50", "p99", "max"};
        int place = (int)(samples->count * shares[i]);
        printf("\"%s_%s_ms\": %.2f, ", name, names[i], samples->values[place < samples->count ? place : place - 1]);
    }
    printf("\"%s_count\": %d, ", name, samples->count);
}

static double share_of(const uint32_t *bins, int size, double share) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < size; i++)
        total += bins[i];
    for (int i = 0; i < size; i++)
        if ((seen += bins[i]) > total * share)
            return i / 10.0;
    return 0;
}

static void print_packets(void) {
    uint64_t received = 0, lost = 0, disordered = 0;
    double due = 0, least = 1e9;
    int silent = 0;
    for (int i = 0; i < begun; i++) {
        const struct call *call = &calls[i];
        if (!call->answered_at)
            continue;
        uint64_t end = call->left_at && call->left_at < call->ends_at ? call->left_at : call->ends_at;
        double wanted = (double)(end - call->answered_at) / FRAME;
        received += call->received;
        lost += rtp_lost(call);
        disordered += call->disordered;
        due += wanted;
        silent += call->received == 0;
        if (wanted > 50 && call->received / wanted < least)
            least = call->received / wanted;
    }
    printf("\"packets_due\": %.0f, \"packets_received\": %llu, \"due_share\": %.4f, \"due_share_worst_call\": %.4f, "
           "\"packets_lost\": %llu, \"packets_disordered\": %llu, \"silent_calls\": %d, ",
           due, (unsigned long long)received, due ? received / due : 0, least < 1e9 ? least : 0,
           (unsigned long long)lost, (unsigned long long)disordered, silent);
}

static void print_figures(void) {
    struct rusage used;
    const char *comma = "";
    getrusage(RUSAGE_SELF, &used);
    printf("{\"calls\": %d, \"succeeded\": %d, \"failed\": %d, \"hung_up_by_service\": %d, \"failures\": {",
           options.calls, figures.succeeded, options.calls - figures.succeeded, figures.hung_up_by_peer);
    for (int i = 0; i < 700; i++)
        if (figures.statuses[i])
            printf("%s\"%d\": %d", comma, i, figures.statuses[i]), comma = ", ";
    printf("}, ");
    print_samples("set_up", &figures.set_up);
    print_samples("key", &figures.key);
    print_packets();
    printf("\"gap_p50_ms\": %.1f, \"gap_p99_ms\": %.1f, \"gap_p999_ms\": %.1f, \"gap_max_ms\": %.1f, ",
           share_of(figures.gaps, 20001, .5), share_of(figures.gaps, 20001, .99), share_of(figures.gaps, 20001, .999),
           figures.longest_gap);
    printf("\"repeated_invites\": %llu, \"repeated_byes\": %llu, \"repeated_answers\": %llu, ",
           (unsigned long long)figures.repeated_invites, (unsigned long long)figures.repeated_byes,
           (unsigned long long)figures.repeated_answers);
    printf("\"generator\": {\"cpu_s\": %.2f, \"late_p99_ms\": %.1f, \"late_max_ms\": %.1f, \"packets_out\": %llu, "
           "\"unsent\": %llu, \"dropped\": %llu, \"unknown\": %llu}}\n",
           used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
           share_of(figures.ticks, 2001, .99), figures.latest_tick, (unsigned long long)figures.packets_out,
           (unsigned long long)figures.packets_unsent, (unsigned long long)figures.dropped,
           (unsigned long long)figures.unknown);
}

static void read_options(int count, char **words) {
    static const struct option known[] = {{"target", 1, 0, 't'}, {"user", 1, 0, 'u'}, {"calls", 1, 0, 'n'},
                                          {"rate", 1, 0, 'r'}, {"seconds", 1, 0, 's'}, {"key-after", 1, 0, 'k'}, {0}};
    int option;
    while ((option = getopt_long(count, words, "", known, NULL)) != -1)
        switch (option) {
        case 't': sscanf(optarg, "%63[^:]:%d", options.host, &options.port); break;
        case 'u': snprintf(options.user, sizeof options.user, "%s", optarg); break;
        case 'n': options.calls = atoi(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'k': options.key_after = atof(optarg); break;
        default: exit(2);
        }
    if (strncmp(options.host, "127.", 4) || options.calls < 1 || options.rate <= 0) {
        fprintf(stderr, "wanted: --target 127.x.y.z:port, --calls and --rate above 0\n");
        exit(2);
    }
    options.target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(options.port),
                                          .sin_addr.s_addr = inet_addr(options.host)};
}

int main(int count, char **words) {
    read_options(count, words);
    calls = calloc(options.calls, sizeof *calls);
    figures.set_up.values = calloc(options.calls, sizeof(double));
    figures.key.values = calloc(options.calls, sizeof(double));
    for (int i = 0; i < options.calls; i++)
        calls[i] = (struct call){.number = i, .media_address = FIRST_MEDIA + i, .ssrc = 0x1000 + i};
    rtp_open();
    run(sip_open());
    print_figures();
    return figures.succeeded == options.calls ? 0 : 1;
}
