/* What a leg hears: counted by sequence number, timed by the kernel's stamps, and listened to: which prompt, since when,
 * and how old is a frame that came through a bridge?
 */
#include "load.h"

#include <arpa/inet.h>
#include <string.h>

#define HEADER 12
#define LOW_CROSSINGS 6                 /* a frame of the low prompt has 12 zero crossings, one of the high 60 */
#define HIGH_CROSSINGS 30
#define NIBBLE 0x10                     /* octets 0x10 to 0x1f survive µ-law -> linear -> µ-law */
#define STAMP_MARK 4                    /* octets before the sixteen of the time */
#define STAMP (STAMP_MARK + 16)

static const uint8_t mark[STAMP_MARK] = {0x1d, 0x17, 0x13, 0x11};

void stamp_payload(uint8_t *payload, uint64_t at) {
    memcpy(payload, mark, STAMP_MARK);
    for (int i = 0; i < 16; i++)
        payload[STAMP_MARK + i] = NIBBLE | (at >> 4 * i & 15);
}

static uint64_t stamp_of(const uint8_t *payload, int size) {
    uint64_t at = 0;
    if (size < STAMP || memcmp(payload, mark, STAMP_MARK))
        return 0;
    for (int i = 0; i < 16; i++) {
        if ((payload[STAMP_MARK + i] & 0xf0) != NIBBLE)
            return 0;
        at |= (uint64_t)(payload[STAMP_MARK + i] & 15) << 4 * i;
    }
    return at;
}

static uint64_t missing(const struct call *call) {
    int64_t due = call->heard ? call->newest - call->first + 1 : 0;
    return due > (int64_t)call->received_of_source ? due - call->received_of_source : 0;
}

uint64_t rtp_lost(const struct call *call) {
    return call->lost + missing(call);
}

static void note(uint32_t *bins, int size, double bin, double value, double *longest) {
    bins[bin < 0 ? 0 : bin >= size ? size - 1 : (int)bin]++;
    if (value > *longest)
        *longest = value;
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
        note(figures.gaps, GAPS, gap * 10, gap, &figures.longest_gap);
    }
    call->last_at = at;
}

static enum tone tone_of(const uint8_t *samples, int size) {
    int crossings = 0;
    for (int i = 1; i < size; i++)
        crossings += (samples[i] ^ samples[i - 1]) >> 7;
    return crossings > HIGH_CROSSINGS ? HIGH : crossings >= LOW_CROSSINGS ? LOW : NONE;
}

/* Only between a key and its answer is the payload listened to closely: the first frame of the other prompt. */
static void follow_tone(struct call *call, const uint8_t *samples, int size, uint64_t at) {
    if (call->key_at == 0 && (call->received & 15) != 1)
        return;
    call->tone = tone_of(samples, size);
    if (call->key_at == 0 || call->tone == NONE || (int64_t)(at - call->key_at) < 0)
        return;
    if (call->tone == call->old_tone) {
        call->old_at = at;
        return;
    }
    add_sample(&figures.stop, call->old_at ? (double)(int64_t)(call->old_at - call->key_at) / 1e6 : 0);
    add_sample(&figures.start, (double)(int64_t)(at - call->key_at) / 1e6);
    call->key_at = 0;
}

void heard(const uint8_t *octets, int length, uint32_t address, uint64_t at) {
    struct call *call = leg((int)(address - calls[0].media_address));
    if (!call || length < HEADER || octets[0] >> 6 != 2) {
        figures.unknown++;
        return;
    }
    if (call->state != UP)
        return;
    uint32_t ssrc;
    memcpy(&ssrc, octets + 8, sizeof ssrc);
    figures.packets_in++;
    count(call, octets[2] << 8 | octets[3], ssrc, at);
    if (*options.frames || (octets[1] & 0x7f) != 0)
        return;
    if (!options.stamps) {
        follow_tone(call, octets + HEADER, length - HEADER, at);
        return;
    }
    uint64_t sent_at = stamp_of(octets + HEADER, length - HEADER);
    if (sent_at) {
        double delay = (double)(int64_t)(at - sent_at) / 1e6;
        note(figures.delays, DELAYS, delay * 100, delay, &figures.longest_delay);
    }
}
