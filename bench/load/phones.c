/* The operators' phones, all at one address: they answer every INVITE at once and talk until the BYE. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T1 (500 * MILLISECOND)
#define PATIENCE (32 * SECOND)          /* for an ACK */
#define LARGEST 4096

static int socket_;

int phones_open(void) {
    socket_ = open_socket(options.phones, options.phones_port);
    return socket_;
}

static struct call *by_call_id(const char *message) {
    int length;
    const char *call_id = sip_header(message, "Call-ID", &length);
    for (int i = options.most + operators - 1; call_id && i >= options.most; i--)
        if ((int)strlen(calls[i].call_id) == length && !memcmp(calls[i].call_id, call_id, length))
            return &calls[i];
    return NULL;
}

static void answer(struct call *call, const char *message, const struct sockaddr_in *source) {
    char reply[LARGEST], sdp[1024], tag[32];
    int described = sip_describe(call, sdp);
    sprintf(tag, "p%d", call->number);
    int length = sip_reply(reply, message, "200 OK", tag);
    length += sprintf(reply + length, "Contact: <sip:phone%d@%s:%d>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n"
                      "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
                      call->number, options.phones, options.phones_port, described, sdp);
    call->answer = strdup(reply);
    call->answer_length = length;
    call->resend_after = T1;
    call->resend_at = now() + T1;
    sip_put(socket_, source, reply, length);
}

static void invited(const char *message, const struct sockaddr_in *source) {
    int length;
    const char *call_id = sip_header(message, "Call-ID", &length);
    if (!call_id || length >= (int)sizeof calls->call_id || operators == options.most)
        return;
    struct call *call = &calls[options.most + operators];
    if (!sip_read_description(call, message)) {
        char reply[LARGEST];
        int size = sip_reply(reply, message, "488 Not Acceptable Here", "none");
        size += sprintf(reply + size, "Content-Length: 0\r\n\r\n");
        sip_put(socket_, source, reply, size);
        return;
    }
    operators++;
    memcpy(call->call_id, call_id, length);
    up(call, now());
    answer(call, message, source);
}

void phones_asked(const char *message, const struct sockaddr_in *source) {
    struct call *call = by_call_id(message);
    char reply[LARGEST];
    if (!strncmp(message, "ACK ", 4)) {
        if (call)
            call->acknowledged = 1;
        return;
    }
    if (!strncmp(message, "INVITE ", 7) && (!call || !call->acknowledged)) {
        if (call)
            sip_put(socket_, source, call->answer, call->answer_length);
        else
            invited(message, source);
        return;
    }
    if (!strncmp(message, "SIP/2.0", 7))
        return;
    int length = sip_reply(reply, message, call || strncmp(message, "BYE ", 4) ? "200 OK" : "481 Unknown", "");
    length += sprintf(reply + length, "Content-Length: 0\r\n\r\n");
    sip_put(socket_, source, reply, length);
    if (call && !strncmp(message, "BYE ", 4))
        over(call, 1, 0);
}

void phones_repeat(struct call *call, uint64_t at) {
    if (call->state != UP || call->acknowledged || at < call->resend_at || at > call->answered_at + PATIENCE)
        return;
    figures.repeated_answers++;
    sip_put(socket_, &options.target, call->answer, call->answer_length);
    call->resend_after *= 2;
    call->resend_at = at + call->resend_after;
}
