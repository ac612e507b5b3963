/* The floor of the media plane: the plainest loop that receives and sends the same packets, one socket a call.
 *
 *   bare --host 127.0.8.1 --port 16384 --calls N [--bridge]
 *
 * No SIP, no checks, no statistics. Each 5 ms what has come is read and a quarter of the calls is sent its frame, as the
 * plane does; with --bridge call 2n is relayed to 2n + 1 and back, each 2 ms. Where a call's packets go to is where its
 * own come from. To prove the generator it can also be bad, as it is told: --lose N (each Nth packet is missing),
 * --key-ms (a key works so late), --hold-ms (what is relayed waits so long), --stall-ms (a pause once a second).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND 1000000ULL
#define PHASES 4
#define HEADER 12
#define SAMPLES 160
#define LARGEST 1500
#define EVENT 101
#define HELD 65536                      /* packets that wait for their time */
#define ROUNDS 3                        /* packets of a socket in a turn, as on the plain wire */

struct call {
    int socket;
    struct sockaddr_in peer;            /* sin_port 0: not known yet */
    uint16_t sequence_number;
    uint32_t timestamp, key_timestamp;
    int high;
    uint64_t high_at, packets;
};

struct held {
    uint64_t at;
    int to, length;
    uint8_t octets[HEADER + SAMPLES];
};

static struct call *calls;
static struct held *held;
static unsigned held_first, held_end;
static int count = 1, bridge, lose;      /* calls; relayed; each so manieth is missing */
static uint64_t key_delay, hold, stall;
static uint8_t tones[2][SAMPLES];

static uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000 * MILLISECOND + at.tv_nsec;
}

/* Square waves: 12 and 53 zero crossings in a frame. */
static void make_tones(void) {
    for (int i = 0; i < SAMPLES; i++) {
        tones[0][i] = i / 13 % 2 ? 0x30 : 0xb0;
        tones[1][i] = i / 3 % 2 ? 0x30 : 0xb0;
    }
}

static void send_to(struct call *call, const uint8_t *octets, int length) {
    if (call->peer.sin_port && !(lose && ++call->packets % lose == 0))
        sendto(call->socket, octets, length, MSG_DONTWAIT, (void *)&call->peer, sizeof call->peer);
}

static void speak(struct call *call, uint64_t at) {
    static uint8_t octets[HEADER + SAMPLES] = {0x80, 0};
    if (!call->peer.sin_port)
        return;
    if (call->high_at && at >= call->high_at) {
        call->high = !call->high;
        call->high_at = 0;
    }
    uint32_t words[2] = {htonl(call->timestamp), htonl(1 + (uint32_t)(call - calls))};
    octets[2] = call->sequence_number >> 8;
    octets[3] = call->sequence_number++;
    memcpy(octets + 4, words, sizeof words);
    memcpy(octets + HEADER, tones[call->high], SAMPLES);
    call->timestamp += SAMPLES;
    send_to(call, octets, sizeof octets);
}

static void take(int number, const uint8_t *octets, int length, uint64_t at) {
    struct call *call = &calls[number];
    uint32_t timestamp;
    if (bridge && !hold) {
        send_to(&calls[number ^ 1], octets, length);
    } else if (bridge) {
        struct held *one = &held[held_end++ % HELD];
        one->at = at + hold, one->to = number ^ 1;
        one->length = length < (int)sizeof one->octets ? length : (int)sizeof one->octets;
        memcpy(one->octets, octets, one->length);
    } else if ((octets[1] & 0x7f) == EVENT) {
        memcpy(&timestamp, octets + 4, sizeof timestamp);
        if (timestamp != call->key_timestamp) {
            call->key_timestamp = timestamp;
            call->high_at = at + key_delay;
        }
    }
}

static void receive(int poll, uint64_t at) {
    static struct epoll_event ready[4096];
    uint8_t octets[LARGEST];
    for (int round = 0; round < ROUNDS; round++) {
        int some = epoll_wait(poll, ready, 4096, 0);
        for (int i = 0; i < some; i++) {
            struct call *call = &calls[ready[i].data.u32];
            socklen_t size = sizeof call->peer;
            ssize_t length = recvfrom(call->socket, octets, sizeof octets, MSG_DONTWAIT, (void *)&call->peer, &size);
            if (length >= HEADER)
                take((int)ready[i].data.u32, octets, (int)length, at);
        }
        if (some <= 0)
            break;
    }
    for (; held_first != held_end && held[held_first % HELD].at <= at; held_first++)
        send_to(&calls[held[held_first % HELD].to], held[held_first % HELD].octets, held[held_first % HELD].length);
}

static void run(int poll) {
    uint64_t phase = (bridge ? 2 : 5) * MILLISECOND, turn = now() / phase, stalled_at = now();
    for (;;) {
        turn++;
        struct timespec until = {(time_t)(turn * phase / (1000 * MILLISECOND)),
                                 (long)(turn * phase % (1000 * MILLISECOND))};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        uint64_t at = now();
        receive(poll, at);
        for (int i = (int)(turn % PHASES); i < count && !bridge; i += PHASES)
            speak(&calls[i], at);
        if (stall && at - stalled_at > 1000 * MILLISECOND) {
            stalled_at = at;
            usleep(stall / 1000);
        }
    }
}

static void open_all(int poll, const char *host, int port) {
    for (int i = 0; i < count; i++) {
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port + 2 * i),
                                  .sin_addr.s_addr = inet_addr(host)};
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        int whole = IP_PMTUDISC_DO;     /* as the plane's: never in fragments */
        calls[i].socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        setsockopt(calls[i].socket, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof whole);
        if (bind(calls[i].socket, (void *)&own, sizeof own) || epoll_ctl(poll, EPOLL_CTL_ADD, calls[i].socket, &event)) {
            perror(host);
            exit(2);
        }
    }
}

int main(int words, char **word) {
    static const struct option known[] = {{"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"calls", 1, 0, 'n'},
                                          {"bridge", 0, 0, 'b'}, {"lose", 1, 0, 'l'}, {"key-ms", 1, 0, 'k'},
                                          {"hold-ms", 1, 0, 'd'}, {"stall-ms", 1, 0, 's'}, {0}};
    char host[64] = "127.0.0.1";
    int option, port = 16384;
    while ((option = getopt_long(words, word, "", known, NULL)) != -1)
        switch (option) {
        case 'h': snprintf(host, sizeof host, "%s", optarg); break;
        case 'p': port = atoi(optarg); break;
        case 'n': count = atoi(optarg); break;
        case 'b': bridge = 1; break;
        case 'l': lose = atoi(optarg); break;
        case 'k': key_delay = atoi(optarg) * MILLISECOND; break;
        case 'd': hold = atoi(optarg) * MILLISECOND; break;
        case 's': stall = atoi(optarg) * MILLISECOND; break;
        default: return 2;
        }
    if (strncmp(host, "127.", 4) || count < 1 || (bridge && count % 2))
        return 2;
    calls = calloc(count, sizeof *calls);
    held = hold ? calloc(HELD, sizeof *held) : NULL;
    make_tones();
    int poll = epoll_create1(0);
    open_all(poll, host, port);
    printf("ready\n");
    fflush(stdout);
    run(poll);
}
