/* The callers' RTP: G.711 frames and one key (RFC 4733) out, and what comes in counted by sequence number. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define HEADER 12
#define OUT 512
#define IN 256
#define KEY 1
#define KEY_FRAMES 5                    /* pressed for 100 ms; then three end packets */
#define VOLUME 10
#define HIGH_CROSSINGS 30               /* a frame of the low prompt has 12 zero crossings, one of the high 60 */
#define QUIET 0x6b                      /* what callers say, all the time */

static int rtp_socket, rtcp_socket;
static struct mmsghdr out[OUT];
static struct iovec out_places[OUT];
static uint8_t out_octets[OUT][HEADER + SAMPLES];
static char out_control[OUT][CMSG_SPACE(sizeof(struct in_pktinfo))];
static int out_count;

void rtp_open(void) {
    int yes = 1;
    rtp_socket = open_socket("0.0.0.0", options.rtp_port);
    rtcp_socket = open_socket("0.0.0.0", options.rtp_port + 1);
    setsockopt(rtp_socket, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
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

/* The next packet of a caller, from the caller's own address; returns the place for its payload. */
static uint8_t *packet(struct call *call, int payload_type, int marker, uint32_t timestamp, int size) {
    if (out_count == OUT)
        rtp_flush();
    int slot = out_count++;
    uint8_t *octets = out_octets[slot];
    uint32_t words[2] = {htonl(timestamp), htonl(call->ssrc)};
    octets[0] = 0x80;
    octets[1] = payload_type | (marker ? 0x80 : 0);
    octets[2] = call->sequence_number >> 8;
    octets[3] = call->sequence_number;
    memcpy(octets + 4, words, sizeof words);
    call->sequence_number++;
    out_places[slot] = (struct iovec){octets, HEADER + size};
    out[slot].msg_hdr = (struct msghdr){.msg_name = &call->peer_media, .msg_namelen = sizeof call->peer_media,
                                        .msg_iov = &out_places[slot], .msg_iovlen = 1,
                                        .msg_control = out_control[slot], .msg_controllen = sizeof out_control[slot]};
    struct cmsghdr *item = CMSG_FIRSTHDR(&out[slot].msg_hdr);
    struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(call->media_address)};
    *item = (struct cmsghdr){.cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof from)};
    memcpy(CMSG_DATA(item), &from, sizeof from);
    return octets + HEADER;
}

static void press(struct call *call, uint64_t at) {
    int ended = call->key_packets >= KEY_FRAMES;
    uint16_t duration = SAMPLES * (ended ? KEY_FRAMES : call->key_packets + 1);
    if (call->key_packets == 0) {
        call->key_at = at;
        call->key_timestamp = call->timestamp;
    }
    for (int i = 0; i < (ended ? 3 : 1); i++) {
        uint8_t *event = packet(call, call->event_payload_type, call->key_packets == 0, call->key_timestamp, 4);
        event[0] = KEY;
        event[1] = (ended ? 0x80 : 0) | VOLUME;
        event[2] = duration >> 8;
        event[3] = duration;
    }
    call->key_packets++;
    call->timestamp += SAMPLES;
}

void rtp_send(struct call *call, uint64_t at) {
    if (call->key_at && at >= call->key_at && call->key_packets <= KEY_FRAMES) {
        press(call, at);
        return;
    }
    memset(packet(call, 0, call->sequence_number == 0, call->timestamp, SAMPLES), QUIET, SAMPLES);
    call->timestamp += SAMPLES;
}

static uint64_t missing(const struct call *call) {
    int64_t due = call->heard ? call->newest - call->first + 1 : 0;
    return due > (int64_t)call->received_of_source ? due - call->received_of_source : 0;
}

uint64_t rtp_lost(const struct call *call) {
    return call->lost + missing(call);
}

static void count(struct call *call, uint16_t sequence_number, uint32_t ssrc, uint64_t at) {
    if (!call->heard || ssrc != call->peer_ssrc) {
        call->lost += missing(call);
        call->heard = 1;
        call->peer_ssrc = ssrc;
        call->first = call->newest = sequence_number;
        call->received_of_source = 0;
    }
    int16_t step = (int16_t)(sequence_number - (uint16_t)call->newest);
    if (step > 0)
        call->newest += step;
    else if (call->received_of_source)
        call->disordered++;
    call->received_of_source++;
    call->received++;
    if (call->last_at) {
        double gap = (double)(int64_t)(at - call->last_at) / 1e6;
        int bin = gap < 0 ? 0 : gap > 2000 ? 20000 : (int)(gap * 10);
        figures.gaps[bin]++;
        if (gap > figures.longest_gap)
            figures.longest_gap = gap;
    }
    call->last_at = at;
}

static int is_high(const uint8_t *samples, int count) {
    int crossings = 0;
    for (int i = 1; i < count; i++)
        crossings += (samples[i] ^ samples[i - 1]) >> 7;
    return crossings > HIGH_CROSSINGS;
}

static void heard(const uint8_t *octets, int length, uint32_t address, uint64_t at) {
    int number = (int)(address - calls[0].media_address);
    if (number < 0 || number >= begun || length < HEADER || octets[0] >> 6 != 2) {
        figures.unknown++;
        return;
    }
    struct call *call = &calls[number];
    uint32_t ssrc;
    memcpy(&ssrc, octets + 8, sizeof ssrc);
    if (call->state != UP)
        return;
    figures.packets_in++;
    count(call, octets[2] << 8 | octets[3], ssrc, at);
    if (call->key_packets && !call->high_at && is_high(octets + HEADER, length - HEADER)) {
        call->high_at = at;
        figures.key.values[figures.key.count++] = (double)(int64_t)(at - call->key_at) / 1e6;
    }
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
            uint32_t dropped;
            memcpy(&dropped, CMSG_DATA(item), sizeof dropped);
            figures.dropped = dropped;
        } else if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
            memcpy(&to, CMSG_DATA(item), sizeof to);
            address = ntohl(to.ipi_addr.s_addr);
        }
    }
    heard(octets, message->msg_len, address, at ? at : now());
}

void rtp_receive(void) {
    static uint8_t octets[IN][512];
    static char control[IN][192];
    static struct mmsghdr messages[IN];
    static struct iovec places[IN];
    char ignored[64];
    int arrived_now;
    do {
        for (int i = 0; i < IN; i++) {
            places[i] = (struct iovec){octets[i], sizeof octets[i]};
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
