/* What the bench says to the generator, and what it is told; a line each.
 *
 *   calls N RATE    begin calls, RATE a second, until there have been N   -> {"event": "up", ...} when none rings any more
 *   window          from now on the figures are new
 *   figures         -> the figures of the window
 *   key SECONDS     each caller presses 1, within so many seconds         -> {"event": "pressed"} a second after the last
 *   leave RATE      hang up, RATE a second                                -> {"event": "left", ...} when nobody is there
 *
 * The end of stdin is the end of the generator.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AFTER_KEY SECOND
#define LOOK_EVERY (5 * MILLISECOND)

static double rate, leave_rate;
static int telling_up, leaving, first_of_batch, left_of_batch;
static uint64_t batch_from, leave_from, pressed_at, look_at;

int steer_open(void) {
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    setvbuf(stdout, NULL, _IOLBF, 0);
    return STDIN_FILENO;
}

static void press_keys(double seconds) {
    uint64_t at = now() + FRAME;
    uint32_t chance = (uint32_t)at;
    for (int i = 0; i < begun; i++) {
        chance = chance * 1664525 + 1013904223;
        if (calls[i].state == UP && calls[i].tone != NONE)
            calls[i].key_due = at + (uint64_t)(chance / 4294967296.0 * seconds * 1e9);
    }
    pressed_at = at + (uint64_t)(seconds * 1e9) + AFTER_KEY;
}

static void obey(const char *line) {
    double value = 0;
    int count = 0;
    if (sscanf(line, "calls %d %lf", &count, &rate) == 2) {
        wanted = count < options.most ? count : options.most;
        first_of_batch = begun;
        batch_from = now();
        telling_up = 1;
    } else if (!strncmp(line, "window", 6)) {
        window_begin();
    } else if (!strncmp(line, "figures", 7)) {
        window_print();
    } else if (sscanf(line, "key %lf", &value) == 1) {
        press_keys(value);
    } else if (sscanf(line, "leave %lf", &leave_rate) == 1) {
        leaving = 1;
        left_of_batch = 0;
        leave_from = now();
    } else {
        fprintf(stderr, "not understood: %s\n", line);
        exit(2);
    }
}

void steer_receive(void) {
    static char text[1024];
    static size_t used;
    ssize_t got = read(STDIN_FILENO, text + used, sizeof text - used - 1);
    if (got == 0)
        exit(0);
    if (got < 0)
        return;
    used += got;
    text[used] = 0;
    for (char *end; (end = strchr(text, '\n'));) {
        *end = 0;
        obey(text);
        used -= end + 1 - text;
        memmove(text, end + 1, used + 1);
    }
}

static void begin_calls(uint64_t at) {
    int due = first_of_batch + (int)((at - batch_from) / 1e9 * rate) + 1;
    for (; begun < due && begun < wanted; begun++) {
        struct call *call = &calls[begun];
        if (!options.bare) {
            sip_begin(call);
            continue;
        }
        call->peer_media = options.target;
        call->peer_media.sin_port = htons(options.bare + 2 * begun);
        up(call, at);
    }
}

static void end_calls(uint64_t at) {
    int due = (int)((at - leave_from) / 1e9 * leave_rate) + 1;
    for (; left_of_batch < due && left_of_batch < begun; left_of_batch++) {
        struct call *call = &calls[left_of_batch];
        if (call->state != UP)
            continue;
        if (options.bare)
            over(call, 1, 0);
        else
            sip_leave(call);
    }
}

static void count_states(int *by_state) {
    for (int i = 0; i < begun; i++)
        by_state[calls[i].state]++;
}

/* Answers that are late are asked for again. */
static void repeat(uint64_t at) {
    for (int i = 0; i < begun; i++)
        sip_repeat(&calls[i], at);
    for (int i = options.most; i < options.most + operators; i++)
        phones_repeat(&calls[i], at);
}

void steer_look(uint64_t at) {
    if (begun < wanted)
        begin_calls(at);
    if (leaving && left_of_batch < begun)
        end_calls(at);
    if (at < look_at)
        return;
    look_at = at + LOOK_EVERY;
    if (!options.bare)
        repeat(at);
    if (pressed_at && at >= pressed_at) {
        pressed_at = 0;
        printf("{\"event\": \"pressed\"}\n");
    }
    int by_state[OVER + 1] = {0};
    count_states(by_state);
    if (telling_up && begun == wanted && !by_state[CALLING]) {
        telling_up = 0;
        printf("{\"event\": \"up\", \"up\": %d}\n", by_state[UP]);
    }
    if (leaving && left_of_batch == begun && by_state[OVER] == begun) {
        leaving = 0;
        printf("{\"event\": \"left\"}\n");
    }
}
