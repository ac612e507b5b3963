/* The load generator of `make bench`: callers who dial, listen to a menu, press keys and hang up, and the phones of the
 * operators they are put through to.
 *
 * One thread. All RTP goes through one socket, but every leg has a media address 127.x.y.z of its own, so the service
 * sees as many peers as there are legs. Arrival times are the kernel's: gaps between packets show the service's pacing,
 * not ours. Nothing leaves 127.0.0.0/8. What it does is said to it on stdin, line by line (steer.c).
 */
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#define MILLISECOND 1000000ULL          /* times are nanoseconds since 1970 */
#define SECOND 1000000000ULL
#define FRAME (20 * MILLISECOND)
#define TICKS 20                        /* of 1 ms in a frame: each leg speaks in one of them */
#define SAMPLES 160                     /* of G.711 in a frame */
#define GAPS 20001                      /* bins of 0.1 ms */
#define DELAYS 20001                    /* bins of 0.01 ms */
#define LATENESS 10001                  /* bins of 0.1 ms */

enum state { IDLE, CALLING, UP, LEAVING, OVER };
enum tone { NONE, LOW, HIGH };

struct options {
    struct sockaddr_in target;          /* the service's SIP; with `bare` the host of its ports */
    char host[64], user[64], signalling[64], phones[64];
    int port, phones_port, rtp_port;
    int most;                           /* callers, and as many operators */
    int bare;                           /* RTP alone, from this port on, two a call; 0: with SIP */
    int events, stamps;                 /* are telephone-events offered; does the payload carry the time */
    char key[128], frames[256];         /* SRTP: key and salt in base64, file of ready packets */
};

struct call {
    int number, is_operator;
    enum state state;
    uint32_t media_address;             /* ours, host order */
    struct sockaddr_in peer_media;
    char to_tag[128], contact[192], branch[64];
    char call_id[128], *answer;         /* an operator's: the service's Call-ID, and our 200, to be sent again */
    int answer_length, acknowledged;
    uint32_t cseq;
    uint64_t invited_at, answered_at, left_at, resend_at, resend_after;
    int provisional, succeeded;
    /* what we send */
    uint16_t sequence_number;
    uint32_t timestamp, ssrc, key_timestamp;
    int event_payload_type, key_packets;
    uint64_t key_due, key_at;           /* when the next key is pressed; its first packet. 0: none */
    /* what comes */
    int heard;
    uint32_t peer_ssrc;
    int64_t first, newest;              /* extended sequence numbers; the window's first */
    uint64_t received, received_of_source, lost, disordered, last_at;   /* in the window */
    enum tone tone, old_tone;           /* heard last; before the key */
    uint64_t old_at;                    /* the last packet of the old prompt since the key */
};

struct samples {                        /* measured times in ms */
    double *values;
    int count, room;
};

struct figures {                        /* of the window, but for succeeded, failed and statuses: since the start */
    uint64_t from;
    struct samples set_up, stop, start;
    uint32_t gaps[GAPS], delays[DELAYS], ticks[LATENESS];       /* ticks: how late our own clock was */
    double longest_gap, longest_delay, latest_tick;
    int pressed;
    uint64_t repeated_invites, repeated_byes, repeated_answers, packets_in, packets_out, packets_unsent, unknown;
    double cpu;
    uint32_t dropped_before;
};

struct outcomes {
    int succeeded, failed, hung_up_by_peer, statuses[700];
};

extern struct options options;
extern struct figures figures;
extern struct outcomes outcomes;
extern struct call *calls;              /* callers, then operators */
extern int begun, wanted, operators;    /* calls[0..begun) and calls[most..most + operators) exist */
extern uint32_t dropped;                /* packets that our socket had no room for, since the start */

uint64_t now(void);
void fail(const char *what);
int open_socket(const char *address, int port);
void up(struct call *call, uint64_t at);
void over(struct call *call, int succeeded, int status);
void add_sample(struct samples *samples, double value);
double cpu_used(void);
struct call *leg(int number);           /* NULL if there is none */

int steer_open(void);
void steer_receive(void);
void steer_look(uint64_t at);           /* begins and ends calls; tells what has been reached */
void steer_hang_up(uint64_t at);

void window_begin(void);
void window_print(void);

int sip_open(void);
void sip_receive(int socket);
void sip_begin(struct call *call);
void sip_leave(struct call *call);
void sip_repeat(struct call *call, uint64_t at);
void sip_put(int socket, const struct sockaddr_in *to, const char *message, int length);
const char *sip_header(const char *message, const char *name, int *length);
int sip_describe(const struct call *call, char *out);
int sip_read_description(struct call *call, const char *message);
int sip_reply(char *out, const char *message, const char *status, const char *to_tag);

int phones_open(void);
void phones_asked(const char *message, const struct sockaddr_in *source);
void phones_repeat(struct call *call, uint64_t at);

void rtp_open(void);
void rtp_receive(void);
void rtp_send(struct call *call, uint64_t tick, uint64_t at);
void rtp_flush(void);
uint64_t rtp_lost(const struct call *call);

void heard(const uint8_t *octets, int length, uint32_t address, uint64_t at);
void stamp_payload(uint8_t *payload, uint64_t at);

#endif
