/* The callers' SIP: INVITE, ACK and BYE over UDP, sent again until answered; and what both sides share. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#define T1 (500 * MILLISECOND)
#define PATIENCE (8 * SECOND)           /* then a call has failed with 408 */
#define BATCH 64
#define LARGEST 4096

static int sip_socket, sip_port, requests;
static uint64_t run;                    /* makes branches and Call-IDs of this run unlike those of others */

int sip_open(void) {
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    sip_socket = open_socket(options.signalling, 0);
    getsockname(sip_socket, (void *)&own, &size);
    sip_port = ntohs(own.sin_port);
    run = now();
    return sip_socket;
}

void sip_put(int socket, const struct sockaddr_in *to, const char *message, int length) {
    sendto(socket, message, length, 0, (const void *)to, sizeof *to);
}

static void put(const char *message, int length) {
    sip_put(sip_socket, &options.target, message, length);
}

/* SDP of a leg: G.711 µ-law, plain or with the key that all legs share. */
int sip_describe(const struct call *call, char *out) {
    struct in_addr address = {htonl(call->media_address)};
    const char *media = inet_ntoa(address);
    int length = sprintf(out, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/%s 0%s\r\n"
                         "a=rtpmap:0 PCMU/8000\r\n", media, media, options.rtp_port, *options.key ? "SAVP" : "AVP",
                         options.events ? " 101" : "");
    if (options.events)
        length += sprintf(out + length, "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n");
    if (*options.key)
        length += sprintf(out + length, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n", options.key);
    return length + sprintf(out + length, "a=ptime:20\r\na=sendrecv\r\n");
}

static void new_branch(struct call *call) {
    snprintf(call->branch, sizeof call->branch, "z9hG4bK%llx.%x", (unsigned long long)run, ++requests);
}

static int head(const struct call *call, char *out, const char *method, const char *uri, const char *branch,
                uint32_t cseq) {
    return sprintf(out,
                   "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=%s;rport\r\nMax-Forwards: 70\r\n"
                   "From: <sip:caller%d@%s:%d>;tag=c%d\r\nTo: <sip:%s@%s:%d>%s%s\r\n"
                   "Call-ID: %d.%llx@%s\r\nCSeq: %u %s\r\n",
                   method, uri, options.signalling, sip_port, branch, call->number, options.signalling, sip_port,
                   call->number, options.user, options.host, options.port, *call->to_tag ? ";tag=" : "", call->to_tag,
                   call->number, (unsigned long long)run, options.signalling, cseq, method);
}

static void invite(const struct call *call) {
    char message[LARGEST], sdp[1024], uri[192];
    int described = sip_describe(call, sdp);
    sprintf(uri, "sip:%s@%s:%d", options.user, options.host, options.port);
    int length = head(call, message, "INVITE", uri, call->branch, 1);
    length += sprintf(message + length,
                      "Contact: <sip:caller%d@%s:%d>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n"
                      "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
                      call->number, options.signalling, sip_port, described, sdp);
    put(message, length);
}

static void request(const struct call *call, const char *method, const char *branch, uint32_t cseq) {
    char message[LARGEST];
    int length = head(call, message, method, call->contact, branch, cseq);
    length += sprintf(message + length, "Content-Length: 0\r\n\r\n");
    put(message, length);
}

void sip_begin(struct call *call) {
    new_branch(call);
    call->state = CALLING;
    sprintf(call->contact, "sip:%s@%s:%d", options.user, options.host, options.port);
    call->cseq = 1;
    call->invited_at = now();
    call->resend_after = T1;
    call->resend_at = call->invited_at + T1;
    invite(call);
}

void sip_leave(struct call *call) {
    new_branch(call);
    call->state = LEAVING;
    call->left_at = now();
    call->resend_after = T1;
    call->resend_at = call->left_at + T1;
    request(call, "BYE", call->branch, ++call->cseq);
}

void sip_repeat(struct call *call, uint64_t at) {
    uint64_t began_at = call->state == CALLING ? call->invited_at : call->left_at;
    if (call->state != CALLING && call->state != LEAVING)
        return;
    if ((int64_t)(at - began_at) > (int64_t)PATIENCE) {
        over(call, 0, 408);
        return;
    }
    if (at < call->resend_at || (call->state == CALLING && call->provisional))
        return;
    if (call->state == CALLING) {
        figures.repeated_invites++;
        invite(call);
    } else {
        figures.repeated_byes++;
        request(call, "BYE", call->branch, call->cseq);
    }
    call->resend_after *= 2;
    call->resend_at = at + call->resend_after;
}

const char *sip_header(const char *message, const char *name, int *length) {
    size_t size = strlen(name);
    const char *line = message;
    while ((line = strstr(line, "\r\n")) && line[2] != '\r') {
        line += 2;
        if (!strncasecmp(line, name, size) && line[size] == ':') {
            const char *value = line + size + 1;
            while (*value == ' ')
                value++;
            const char *end = strstr(value, "\r\n");
            *length = end ? (int)(end - value) : 0;
            return end ? value : NULL;
        }
    }
    return NULL;
}

/* What lies between `open` and one of `close` in a header. */
static void between(const char *message, const char *name, const char *open, const char *close, char *out, int size) {
    int length;
    char value[512];
    const char *found = sip_header(message, name, &length), *from;
    if (!found)
        return;
    snprintf(value, sizeof value, "%.*s", length, found);
    if (!(from = strstr(value, open)))
        return;
    from += strlen(open);
    snprintf(out, size, "%.*s", (int)strcspn(from, close), from);
}

int sip_read_description(struct call *call, const char *message) {
    const char *media = strstr(message, "m=audio "), *address = strstr(message, "c=IN IP4 127.");
    const char *event = strstr(message, " telephone-event/8000");
    if (!media || !address)
        return 0;
    char text[32];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(address + 9, "\r/"), address + 9);
    call->peer_media = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(media + 8))};
    call->event_payload_type = 101;
    if (event) {
        while (event > message && event[-1] != ':')
            event--;
        call->event_payload_type = atoi(event);
    }
    return inet_pton(AF_INET, text, &call->peer_media.sin_addr) == 1;
}

static void acknowledge(struct call *call) {
    char branch[64];
    snprintf(branch, sizeof branch, "z9hG4bK%llx.%x", (unsigned long long)run, ++requests);
    request(call, "ACK", branch, 1);
}

static void answered(struct call *call, const char *message, uint64_t at) {
    if (call->state != CALLING) {
        figures.repeated_answers++;
        acknowledge(call);
        return;
    }
    between(message, "Contact", "<", ">", call->contact, sizeof call->contact);
    add_sample(&figures.set_up, (double)(int64_t)(at - call->invited_at) / 1e6);
    acknowledge(call);
    up(call, at);
    if (!sip_read_description(call, message))
        sip_leave(call);
}

static void responded(struct call *call, const char *message, uint64_t at) {
    int length, status = atoi(message + 8);
    const char *cseq = sip_header(message, "CSeq", &length);
    if (!cseq)
        return;
    if (memmem(cseq, length, "BYE", 3)) {
        if (call->state == LEAVING && status >= 200)
            over(call, status == 200 && call->answered_at, status);
        return;
    }
    if (status < 200) {
        call->provisional = 1;
        return;
    }
    between(message, "To", ";tag=", ";> ", call->to_tag, sizeof call->to_tag);
    if (status < 300) {
        answered(call, message, at);
        return;
    }
    request(call, "ACK", call->branch, 1);
    if (call->state == CALLING)
        over(call, 0, status);
}

/* A response; returns its length so far, without a body's headers. `to_tag` is added to To if there is none. */
int sip_reply(char *out, const char *message, const char *status, const char *to_tag) {
    static const char *const kept[] = {"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"};
    int length = sprintf(out, "SIP/2.0 %s\r\n", status);
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++) {
        int size;
        const char *value = sip_header(message, kept[i], &size);
        if (!value)
            continue;
        int bare = i == 3 && *to_tag && !memmem(value, size, "tag=", 4);
        length += sprintf(out + length, "%s: %.*s%s%s\r\n", kept[i], size, value, bare ? ";tag=" : "",
                          bare ? to_tag : "");
    }
    return length;
}

/* 200 to whatever the service asks of a caller; a BYE ends the call. */
static void asked(struct call *call, const char *message) {
    char reply[LARGEST];
    int length = sip_reply(reply, message, "200 OK", "");
    length += sprintf(reply + length, "Content-Length: 0\r\n\r\n");
    put(reply, length);
    if (!strncmp(message, "BYE ", 4) && call->state == UP) {
        outcomes.hung_up_by_peer++;
        over(call, 0, 2);
    }
}

static void received(const char *message, uint64_t at) {
    int length;
    const char *call_id = sip_header(message, "Call-ID", &length);
    int number = call_id ? atoi(call_id) : -1;
    if (number < 0 || number >= begun)
        figures.unknown++;
    else if (!strncmp(message, "SIP/2.0 ", 8))
        responded(&calls[number], message, at);
    else if (strncmp(message, "ACK ", 4))
        asked(&calls[number], message);
}

static uint64_t stamp(struct msghdr *message) {
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item))
        if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(item), sizeof at);
            return at.tv_sec * SECOND + at.tv_nsec;
        }
    return now();
}

void sip_receive(int socket) {
    static char texts[BATCH][LARGEST], control[BATCH][128];
    static struct mmsghdr messages[BATCH];
    static struct iovec places[BATCH];
    static struct sockaddr_in sources[BATCH];
    int count;
    do {
        for (int i = 0; i < BATCH; i++) {
            places[i] = (struct iovec){texts[i], LARGEST - 1};
            messages[i].msg_hdr = (struct msghdr){.msg_name = &sources[i], .msg_namelen = sizeof sources[i],
                                                  .msg_iov = &places[i], .msg_iovlen = 1,
                                                  .msg_control = control[i], .msg_controllen = sizeof control[i]};
        }
        count = recvmmsg(socket, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) {
            texts[i][messages[i].msg_len] = 0;
            if (socket == sip_socket)
                received(texts[i], stamp(&messages[i].msg_hdr));
            else
                phones_asked(texts[i], &sources[i]);
        }
    } while (count == BATCH);
}
