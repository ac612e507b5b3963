/* The figures of a window, as one JSON object. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

void window_begin(void) {
    struct samples kept[] = {figures.set_up, figures.stop, figures.start};
    memset(&figures, 0, sizeof figures);
    for (int i = 0; i < 3; i++)
        kept[i].count = 0;
    figures.set_up = kept[0], figures.stop = kept[1], figures.start = kept[2];
    figures.from = now();
    figures.cpu = cpu_used();
    figures.dropped_before = dropped;
    for (int i = 0; i < 2 * options.most; i++) {
        struct call *call = &calls[i];
        call->lost = call->received = call->received_of_source = call->disordered = 0;
        call->first = call->newest + 1;
    }
}

static void print_samples(const char *name, struct samples *samples) {
    static const double shares[] = {0.5, 0.99, 1};
    static const char *const names[] = {"p50", "p99", "max"};
    qsort(samples->values, samples->count, sizeof *samples->values, by_size);
    for (int i = 0; i < 3 && samples->count; i++) {
        int place = (int)(samples->count * shares[i]);
        printf("\"%s_%s_ms\": %.2f, ", name, names[i], samples->values[place < samples->count ? place : place - 1]);
    }
    printf("\"%s_count\": %d, ", name, samples->count);
}

static uint64_t total_of(const uint32_t *bins, int size) {
    uint64_t total = 0;
    for (int i = 0; i < size; i++)
        total += bins[i];
    return total;
}

/* The bin below which such a share of what was measured lies, as a number of bins. */
static double share_of(const uint32_t *bins, int size, double share) {
    uint64_t total = total_of(bins, size), seen = 0;
    for (int i = 0; i < size; i++)
        if ((seen += bins[i]) > total * share)
            return i;
    return 0;
}

static void print_packets(uint64_t at) {
    uint64_t received = 0, lost = 0, disordered = 0;
    double due = 0, least = 1e9;
    int silent = 0, legs = 0, talking[2] = {0};
    for (int i = 0; i < 2 * options.most; i++) {
        const struct call *call = &calls[i];
        talking[call->is_operator] += call->state == UP;
        uint64_t until = call->left_at && call->left_at < at ? call->left_at : at;
        uint64_t from = call->answered_at > figures.from ? call->answered_at : figures.from;
        if (!call->answered_at || until <= from)
            continue;
        double wanted_here = (double)(until - from) / FRAME;
        legs++;
        received += call->received;
        lost += rtp_lost(call);
        disordered += call->disordered;
        due += wanted_here;
        silent += call->received == 0;
        if (wanted_here > 50 && call->received / wanted_here < least)
            least = call->received / wanted_here;
    }
    printf("\"callers_up\": %d, \"operators_up\": %d, ", talking[0], talking[1]);
    printf("\"legs\": %d, \"packets_due\": %.0f, \"packets_received\": %llu, \"due_share\": %.4f, "
           "\"due_share_worst_call\": %.4f, \"packets_lost\": %llu, \"loss_share\": %.6f, "
           "\"packets_disordered\": %llu, \"silent_calls\": %d, ",
           legs, due, (unsigned long long)received, due ? received / due : 0, least < 1e9 ? least : 0,
           (unsigned long long)lost, received + lost ? (double)lost / (received + lost) : 0,
           (unsigned long long)disordered, silent);
}

static void print_outcomes(void) {
    const char *comma = "";
    printf("\"calls\": %d, \"succeeded\": %d, \"failed\": %d, \"hung_up_by_service\": %d, \"failures\": {", begun,
           outcomes.succeeded, outcomes.failed, outcomes.hung_up_by_peer);
    for (int i = 0; i < 700; i++)
        if (outcomes.statuses[i])
            printf("%s\"%d\": %d", comma, i, outcomes.statuses[i]), comma = ", ";
    printf("}, ");
}

static void print_times(void) {
    printf("\"gap_p50_ms\": %.1f, \"gap_p99_ms\": %.1f, \"gap_p999_ms\": %.1f, \"gap_max_ms\": %.1f, ",
           share_of(figures.gaps, GAPS, .5) / 10, share_of(figures.gaps, GAPS, .99) / 10,
           share_of(figures.gaps, GAPS, .999) / 10, figures.longest_gap);
    uint64_t delays = total_of(figures.delays, DELAYS);
    printf("\"delay_count\": %llu, ", (unsigned long long)delays);
    if (delays)
        printf("\"delay_p50_ms\": %.2f, \"delay_p99_ms\": %.2f, \"delay_p999_ms\": %.2f, \"delay_max_ms\": %.2f, ",
               share_of(figures.delays, DELAYS, .5) / 100, share_of(figures.delays, DELAYS, .99) / 100,
               share_of(figures.delays, DELAYS, .999) / 100, figures.longest_delay);
}

void window_print(void) {
    uint64_t at = now();
    printf("{\"seconds\": %.3f, ", (at - figures.from) / 1e9);
    print_outcomes();
    print_samples("set_up", &figures.set_up);
    print_samples("stop", &figures.stop);
    print_samples("start", &figures.start);
    print_packets(at);
    print_times();
    printf("\"keys_pressed\": %d, \"repeated_invites\": %llu, \"repeated_byes\": %llu, \"repeated_answers\": %llu, ",
           figures.pressed, (unsigned long long)figures.repeated_invites, (unsigned long long)figures.repeated_byes,
           (unsigned long long)figures.repeated_answers);
    printf("\"generator\": {\"cpu_s\": %.2f, \"late_p99_ms\": %.1f, \"late_max_ms\": %.1f, \"packets_out\": %llu, "
           "\"unsent\": %llu, \"dropped\": %u, \"unknown\": %llu}}\n",
           cpu_used() - figures.cpu, share_of(figures.ticks, LATENESS, .99) / 10, figures.latest_tick,
           (unsigned long long)figures.packets_out, (unsigned long long)figures.packets_unsent,
           dropped - figures.dropped_before, (unsigned long long)figures.unknown);
}
