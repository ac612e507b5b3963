/* The load generator of `make bench`: callers who dial, listen to a menu, press a key and hang up.
 *
 * One thread. All RTP goes through one socket, but every caller has a media address 127.x.y.z of its own, so the
 * service sees as many peers as there are callers. Arrival times are the kernel's: gaps between packets show the
 * service's pacing, not ours. Nothing leaves 127.0.0.0/8.
 */
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdint.h>

#define MILLISECOND 1000000ULL          /* times are nanoseconds since 1970 */
#define SECOND 1000000000ULL
#define FRAME (20 * MILLISECOND)
#define SAMPLES 160                     /* of G.711 in a frame */

enum state { CALLING, UP, LEAVING, OVER };

struct options {
    struct sockaddr_in target;
    char host[64], user[64], signalling[64];
    int port, calls, rtp_port;
    double rate, seconds, key_after;    /* calls a second; length of a call; when the key 1 is pressed, 0: never */
};

struct call {
    int number;
    enum state state;
    uint32_t media_address;             /* ours, host order */
    struct sockaddr_in peer_media;
    char to_tag[128], contact[192], branch[64];
    uint32_t cseq;
    uint64_t invited_at, answered_at, ends_at, left_at, resend_at, resend_after;
    int provisional, succeeded;
    /* what we send */
    uint16_t sequence_number;
    uint32_t timestamp, ssrc, key_timestamp;
    int event_payload_type, key_packets;
    uint64_t key_at, high_at;           /* the key's first packet; the first frame of the prompt behind it */
    /* what comes */
    int heard;
    uint32_t peer_ssrc;
    int64_t first, newest;              /* extended sequence numbers */
    uint64_t received, received_of_source, lost, disordered, last_at;
};

struct samples {                        /* measured times in ms, one a call at most */
    double *values;
    int count;
};

struct figures {
    struct samples set_up, key;
    uint32_t gaps[20001];               /* of 0.1 ms */
    double longest_gap, latest_tick;
    uint32_t ticks[2001];               /* how late our own clock was, 0.1 ms */
    int succeeded, failed, hung_up_by_peer, statuses[700];
    uint64_t repeated_invites, repeated_byes, repeated_answers, packets_in, packets_out, packets_unsent, unknown,
        dropped;
};

extern struct options options;
extern struct figures figures;
extern struct call *calls;
extern int begun;                       /* calls[0..begun) exist */

uint64_t now(void);
void fail(const char *what);
int open_socket(const char *address, int port);
void over(struct call *call, int succeeded, int status);

int sip_open(void);
void sip_receive(void);
void sip_begin(struct call *call);
void sip_leave(struct call *call);
void sip_repeat(struct call *call, uint64_t at);

void rtp_open(void);
void rtp_receive(void);
void rtp_send(struct call *call, uint64_t at);
void rtp_flush(void);
uint64_t rtp_lost(const struct call *call);

#endif
