/* The legs' RTP on its way: G.711 frames and keys (RFC 4733) out, and datagrams in. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER 12
#define TAG 10                          /* of SRTP with HMAC_SHA1_80 */
#define SECURE (HEADER + SAMPLES + TAG)
#define OUT 64                          /* few, so that the times in them are true */
#define IN 256
#define LARGEST 512
#define KEY 1
#define KEY_FRAMES 5                    /* pressed for 100 ms; then three end packets */
#define VOLUME 10
#define TONE_PEAK 7200
#define VOICES 50                       /* frames of what callers say, over and over */

static int rtp_socket, rtcp_socket;
static struct mmsghdr out[OUT];
static struct iovec out_places[OUT];
static uint8_t out_octets[OUT][SECURE];
static char out_control[OUT][CMSG_SPACE(sizeof(struct in_pktinfo))];
static int out_count;
static uint8_t voices[VOICES][SAMPLES], tones[KEY_FRAMES][SAMPLES];
static const uint8_t *frames;           /* SRTP: packet n of everybody */
static size_t frame_count;

/* Noise that comes and goes, at some -25 dBm0: something to decode, and no key in it. */
static void make_voices(void) {
    uint32_t chance = 1;
    for (int i = 0; i < VOICES; i++)
        for (int j = 0; j < SAMPLES; j++) {
            chance = chance * 1664525 + 1013904223;
            voices[i][j] = (i % 10 < 7 ? 0x30 : 0x60) + (chance >> 28) + (chance & 1 << 27 ? 0x80 : 0);
        }
}

static uint8_t encode(double sample) {          /* G.711 µ-law */
    int sign = sample < 0, value = (int)(sign ? -sample : sample) + 132, segment = 7;
    while (segment > 0 && value < 132 << segment)
        segment--;
    return ~(sign << 7 | segment << 4 | (value >> (segment + 3) & 15));
}

/* The key 1 as tones, for a service that was offered no telephone-events: two of -10 dBm0 each. */
static void make_tones(void) {
    for (int i = 0; i < KEY_FRAMES * SAMPLES; i++) {
        double at = 2 * M_PI * i / 8000;
        tones[i / SAMPLES][i % SAMPLES] = encode(TONE_PEAK * (sin(697 * at) + sin(1209 * at)));
    }
}

static void map_frames(void) {
    struct stat status;
    int file = open(options.frames, O_RDONLY);
    if (file < 0 || fstat(file, &status))
        fail(options.frames);
    frame_count = status.st_size / SECURE;
    frames = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (frames == MAP_FAILED)
        fail(options.frames);
    close(file);
}

static void make_slots(void) {
    for (int slot = 0; slot < OUT; slot++) {
        out_places[slot].iov_base = out_octets[slot];
        out[slot].msg_hdr = (struct msghdr){.msg_namelen = sizeof(struct sockaddr_in), .msg_iov = &out_places[slot],
                                            .msg_iovlen = 1, .msg_control = out_control[slot],
                                            .msg_controllen = sizeof out_control[slot]};
        struct cmsghdr *item = CMSG_FIRSTHDR(&out[slot].msg_hdr);
        *item = (struct cmsghdr){.cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO,
                                 .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo))};
    }
}

void rtp_open(void) {
    int yes = 1, whole = IP_PMTUDISC_DO;        /* never in fragments, so no packet needs a number of its own */
    rtp_socket = open_socket("0.0.0.0", options.rtp_port);
    rtcp_socket = open_socket("0.0.0.0", options.rtp_port + 1);
    setsockopt(rtp_socket, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
    setsockopt(rtp_socket, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof whole);
    make_voices();
    make_tones();
    make_slots();
    if (*options.frames)
        map_frames();
}

void rtp_flush(void) {
    for (int sent = 0, count; sent < out_count; sent += count) {
        count = sendmmsg(rtp_socket, out + sent, out_count - sent, 0);
        if (count <= 0) {
            figures.packets_unsent++;
            count = 1;
        } else {
            figures.packets_out += count;
        }
    }
    out_count = 0;
}

/* Room for the next packet of a leg, from the leg's own address. */
static uint8_t *slot(struct call *call, int size) {
    if (out_count == OUT)
        rtp_flush();
    struct msghdr *message = &out[out_count].msg_hdr;
    struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(call->media_address)};
    message->msg_name = &call->peer_media;
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(message)), &from, sizeof from);
    out_places[out_count].iov_len = size;
    return out_octets[out_count++];
}

/* The next packet of a leg; returns the place for its payload. */
static uint8_t *packet(struct call *call, int payload_type, int marker, uint32_t timestamp, int size) {
    uint8_t *octets = slot(call, HEADER + size);
    uint32_t words[2] = {htonl(timestamp), htonl(call->ssrc)};
    octets[0] = 0x80;
    octets[1] = payload_type | (marker ? 0x80 : 0);
    octets[2] = call->sequence_number >> 8;
    octets[3] = call->sequence_number;
    memcpy(octets + 4, words, sizeof words);
    call->sequence_number++;
    return octets + HEADER;
}

static void press(struct call *call) {
    int ended = call->key_packets >= KEY_FRAMES;
    uint16_t duration = SAMPLES * (ended ? KEY_FRAMES : call->key_packets + 1);
    if (call->key_packets == 0) {
        call->key_at = now();
        call->key_timestamp = call->timestamp;
        call->old_tone = call->tone;
        call->old_at = 0;
        figures.pressed++;
    }
    for (int i = 0; i < (ended ? 3 : 1) && options.events; i++) {
        uint8_t *event = packet(call, call->event_payload_type, call->key_packets == 0, call->key_timestamp, 4);
        event[0] = KEY;
        event[1] = (ended ? 0x80 : 0) | VOLUME;
        event[2] = duration >> 8;
        event[3] = duration;
    }
    if (!options.events)
        memcpy(packet(call, 0, 0, call->timestamp, SAMPLES), ended ? voices[0] : tones[call->key_packets], SAMPLES);
    call->timestamp += SAMPLES;
    call->key_packets = ended ? 0 : call->key_packets + 1;
    if (ended)
        call->key_due = 0;
}

static void speak_secretly(struct call *call, uint64_t tick) {
    uint64_t frame = tick / TICKS;
    if (frame >= frame_count)
        figures.packets_unsent++;       /* the file is at its end: told as our fault */
    else
        memcpy(slot(call, SECURE), frames + frame * SECURE, SECURE);
}

void rtp_send(struct call *call, uint64_t tick, uint64_t at) {
    if (frames) {
        speak_secretly(call, tick);
        return;
    }
    if (call->key_due && at >= call->key_due) {
        press(call);
        return;
    }
    const uint8_t *voice = voices[(call->sequence_number + call->number) % VOICES];
    uint8_t *payload = packet(call, 0, call->sequence_number == 0, call->timestamp, SAMPLES);
    memcpy(payload, voice, SAMPLES);
    if (options.stamps)
        stamp_payload(payload, now());
    call->timestamp += SAMPLES;
}

static void arrived(struct mmsghdr *message, const uint8_t *octets) {
    uint64_t at = 0;
    uint32_t address = 0;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message->msg_hdr); item; item = CMSG_NXTHDR(&message->msg_hdr, item)) {
        struct timespec stamp;
        struct in_pktinfo to;
        if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
            at = stamp.tv_sec * SECOND + stamp.tv_nsec;
        } else if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&dropped, CMSG_DATA(item), sizeof dropped);
        } else if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
            memcpy(&to, CMSG_DATA(item), sizeof to);
            address = ntohl(to.ipi_addr.s_addr);
        }
    }
    heard(octets, message->msg_len, address, at ? at : now());
}

void rtp_receive(void) {
    static uint8_t octets[IN][LARGEST];
    static char control[IN][192];
    static struct mmsghdr messages[IN];
    static struct iovec places[IN];
    char ignored[64];
    int arrived_now;
    do {
        for (int i = 0; i < IN; i++) {
            places[i] = (struct iovec){octets[i], LARGEST};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &places[i], .msg_iovlen = 1,
                                                  .msg_control = control[i], .msg_controllen = sizeof control[i]};
        }
        arrived_now = recvmmsg(rtp_socket, messages, IN, MSG_DONTWAIT, NULL);
        for (int i = 0; i < arrived_now; i++)
            arrived(&messages[i], octets[i]);
    } while (arrived_now == IN);
    while (recv(rtcp_socket, ignored, sizeof ignored, MSG_DONTWAIT) > 0)
        ;
}
