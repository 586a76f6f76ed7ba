/* The fast engine: what plain.py says, event for event and digit for digit. C99 with what gcc
   and clang add (__int128, two builtins), no library but the standard one.

   Everything is a whole number. A person is one cell of 64 bytes, which is also their place in one queue or their end
   of one step; who has several steps open at once has a further cell for each. Events of the weeks to come hang in a
   ring of buckets, each as a list through the cells themselves; only the bucket of the moment is sorted, in a heap.
   Who runs out of patience on a pathway without forks is found out when they come to the head of the queue: nothing
   else depends on it, and the counts of each week are told beforehand. */

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t i64;
typedef uint64_t u64;
typedef int32_t i32;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

enum { SLOTS, PLACES, TIME };
enum { END = 1, LEAVE, ARRIVE };
enum { IDLE, QUEUED, SERVED, HELD, TIMER, SOURCE, LIST, UNUSED };        /* of a cell, in the low three bits */
enum { STATE = 7, IS_EXTRA = 8, HAS_LEFT = 16, IS_TRACED = 32, CLOCK_RUNS = 64, CLOCK_ENDED = 128 };
enum { P_ARRIVAL, P_KEEP, P_BAND, P_COIN, P_DURATION, P_PATIENCE, P_REPEAT, P_CLOCK, P_JOINED, P_BEGUN, P_LEAD };
enum { C_EVENTS, C_INSIDE, C_WAITING, C_BUSY, C_OVERTAKEN, C_UNREADY, C_UNEVEN };
enum { OCTAVES = 32, CELLS = 64, SIDE = OCTAVES * CELLS + 1, WEEK = 24, UNIT = 10, LANES = 8, PRESENT = 11 };
#define NIL 0xffffffffu
#define GOLDEN 0x9E3779B97F4A7C15ull
#define CERTAIN (1ull << 63)
#define ALWAYS 1000000000
#define FOREVER INT64_MAX

typedef struct {
    i64 weeks, table_weeks, row_weeks, window_weeks, bins, check_weeks, bucket_shift;
    i64 services, queues, pathways, steps, sources, groups, rows, windows, checks;
    const u8 *gives; const i64 *ageing; const i32 *capacity;
    const i32 *queue_start, *queue_services; const u8 *queue_order;
    const i32 *first_step, *clock_start, *clock_stop; const u8 *is_traced, *is_chain;
    const i32 *first_band; const u64 *band_share; const i32 *band_priority, *pathway_priority;
    const i32 *step_queue, *step_after; const u64 *step_share; const i32 *step_coin, *step_hold, *step_duration;
    const i32 *step_patience, *step_on_leave, *step_keep; const u64 *step_repeat; const i32 *step_most, *step_priority;
    const i32 *first_lead, *lead_pathway; const u64 *lead_share;
    const i32 *source_pathway, *source_stream; const i64 *source_rate; const u64 *source_keep;
    const i64 *tables, *table_fixed, *present;
} Program;

typedef struct {
    i64 *rows; i32 *waits; i64 *wait_sums; i32 *clocks; i64 *clock_sums, *traces, *trace_sums; i32 *ages, *clock_ages;
    i64 *counts;
} Record;

typedef struct {
    i64 time;          /* joined, while queued; end, while served; moment, of a timer or source */
    i64 deadline;      /* while queued: when patience ends on a chain; else the timer's cell, or -1 */
    i64 arrival, clock;
    u64 key;
    u32 next, prev;    /* list of a queue, or of a bucket of events, or of unused cells */
    u32 extra;         /* first further cell of a person; of a further cell, the person; of a timer, the request */
    u32 annex;         /* of a person, what is kept of each step; of a further cell, the next one */
    u16 done, begun;
    u8 pathway, priority, step, state;
} Cell;

typedef struct { i64 time; u32 cell, kind; } Node;
typedef struct { i64 joined, clock, begun; u64 key; u32 group; } Waiting;
typedef struct { u32 *block; u32 length, room, unused, stride; } Annexes;

typedef struct {
    const Program *p; const Record *r;
    u64 seed, flip;
    i64 now, end, week, window;             /* the window that the week lies in */
    i32 kind; u64 key;                     /* of the event that is being done */
    Cell *cells; u32 length, room, unused;
    u32 *ring; u64 ring_mask; i64 bucket; u32 ahead;   /* a cell of the next bucket, on its way into the cache */
    Node *heap; u32 heap_length, heap_room;
    i64 *free_room, *busy, *used, *lapsed, *offered;             /* by service */
    i32 *of_service_start, *of_service;                           /* queues of each service */
    i32 *only_service; i64 *queued_in; u32 *lanes_used;   /* by queue; a bit for each lane that may hold somebody */
    u32 *lane_list, *lane_lists, *lane_first; i64 *lane_since; i64 lists_back;
    i64 *waiting, *queued, *joined, *started, *done, *left, *area, *area_at, *before;   /* by step */
    i32 *expiring;                                                /* by step and week: whose patience ends unnoticed */
    i64 *arrived, *finished, *gave_up;                            /* by pathway */
    i64 *spent, *source_week, *source_row, *source_index;         /* row: week modulo the weeks of the tables */
    Annexes *annexes;
    i64 events, overtaken, unready;
    int failed; jmp_buf out;               /* where to go on once there is not enough memory */
} Engine;

/* ---- luck */

static inline u64 mix(u64 z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static inline u64 bits(const Engine *e, u64 key, u32 step, u32 purpose, u32 attempt)
{
    u64 salt = ((u64)attempt << 8) | (step << 4) | purpose;
    return mix(mix(key + e->seed) + (salt + 1) * GOLDEN);
}

static inline u64 share_drawn(const Engine *e, u64 key, u32 step, u32 purpose, u32 attempt)
{
    return (bits(e, key, step, purpose, attempt) ^ (0 - e->flip)) >> 1;
}

static inline int length_of(u64 number) { return 64 - __builtin_clzll(number); }

static inline i64 at(const i64 *side, u64 share)
{
    if (share < 1ull << (63 - OCTAVES)) return side[0];
    int length = length_of(share), rest = length - 7;
    u32 point = (u32)(length - (64 - OCTAVES)) * CELLS + (u32)((share >> rest) & (CELLS - 1));
    i64 low = side[point];
    return low + (((side[point + 1] - low) * (i64)((share >> (rest - 16)) & 0xffff) + (1 << 15)) >> 16);
}

static inline i64 ticks_drawn(const Engine *e, i32 table, u64 key, u32 step, u32 purpose, u32 attempt)
{
    i64 fixed = e->p->table_fixed[table];
    if (fixed >= 0) return fixed;
    u64 drawn = bits(e, key, step, purpose, attempt) ^ e->flip;
    return at(e->p->tables + (i64)table * 2 * SIDE + (drawn & 1 ? SIDE : 0), drawn >> 1);
}

static u64 share_at(const i64 *side, i64 sign, i64 ticks)
{
    i64 low = 0, high = SIDE - 1;
    if (sign * side[0] >= sign * ticks) return 1ull << (63 - OCTAVES);
    while (high - low > 1) {
        i64 middle = (low + high) >> 1;
        if (sign * side[middle] <= sign * ticks) low = middle; else high = middle;
    }
    int rest = (int)(low / CELLS) + 63 - OCTAVES - 6;
    i64 width = sign * (side[low + 1] - side[low]);
    i64 part = width > 0 ? (sign * (ticks - side[low]) << 16) / width : 0;
    if (part > 1 << 16) part = 1 << 16;
    return (1ull << (rest + 6)) + ((u64)(low % CELLS) << rest) + (u64)(((unsigned __int128)part << rest) >> 16);
}

static i64 ticks_left(const Engine *e, i32 table, i64 begun, u64 key, u32 step, u32 purpose)
{
    i64 fixed = e->p->table_fixed[table];
    if (fixed >= 0) return fixed > begun ? fixed - begun : 0;
    const i64 *both = e->p->tables + (i64)table * 2 * SIDE;
    u64 drawn = bits(e, key, step, purpose, 0) ^ (0 - e->flip);
    u64 longer = begun < both[SIDE - 1] ? ~share_at(both, 1, begun) : share_at(both + SIDE, -1, begun);
    u64 left = (u64)(((unsigned __int128)longer * drawn) >> 64);
    i64 ticks = left < CERTAIN ? at(both + SIDE, left) : at(both, ~left);
    return ticks > begun ? ticks - begun : 0;
}

static inline i64 between(const Engine *e, i64 least, i64 most, u64 key, u32 purpose)
{
    if (least == most) return least;
    u64 drawn = share_drawn(e, key, 0, purpose, 0) >> 31;
    return least + (i64)(((unsigned __int128)(u64)(most - least) * drawn) >> 32);
}

/* ---- cells */

static void *more(Engine *e, void *block, size_t bytes)
{
    void *grown = realloc(block, bytes);
    if (!grown) { e->failed = 1; longjmp(e->out, 1); }
    return grown;
}

static u32 new_cell(Engine *e)
{
    u32 index = e->unused;
    if (index != NIL) {
        e->unused = e->cells[index].next;
    } else {
        if (e->length == e->room) {
            u32 room = e->room + (e->room < 1u << 16 ? e->room : e->room / 4);
            e->cells = more(e, e->cells, (size_t)room * sizeof(Cell));
            if (e->failed) return 0;
            e->room = room;
        }
        index = e->length++;
    }
    memset(&e->cells[index], 0, sizeof(Cell));
    e->cells[index].extra = e->cells[index].annex = NIL;
    return index;
}

static inline void free_cell(Engine *e, u32 index)
{
    e->cells[index].state = UNUSED;
    e->cells[index].next = e->unused;
    e->unused = index;
}

static inline int state_of(const Cell *c) { return c->state & STATE; }
static inline void set_state(Cell *c, int state) { c->state = (u8)((c->state & ~STATE) | state); }
static inline u32 person_of(const Engine *e, u32 index)
{
    return e->cells[index].state & IS_EXTRA ? e->cells[index].extra : index;
}

static inline void append(Engine *e, u32 list, u32 index)
{
    u32 last = e->cells[list].prev;
    e->cells[index].prev = last;
    e->cells[index].next = list;
    e->cells[last].next = index;
    e->cells[list].prev = index;
}

static inline void unlink_cell(Engine *e, u32 index)
{
    u32 next = e->cells[index].next, prev = e->cells[index].prev;
    e->cells[prev].next = next;
    e->cells[next].prev = prev;
}

static u32 new_annex(Engine *e, int pathway)
{
    Annexes *a = &e->annexes[pathway];
    u32 index = a->unused;
    if (index != NIL) {
        a->unused = a->block[(size_t)index * a->stride];
    } else {
        if (a->length == a->room) {
            u32 room = a->room ? a->room + (a->room < 1u << 16 ? a->room : a->room / 4) : 64;
            a->block = more(e, a->block, (size_t)room * a->stride * sizeof(u32));
            if (e->failed) return 0;
            a->room = room;
        }
        index = a->length++;
    }
    memset(a->block + (size_t)index * a->stride, 0, a->stride * sizeof(u32));
    return index;
}

static inline u32 *annex_of(const Engine *e, const Cell *person)   /* by step: waited, done at, attempts */
{
    if (person->annex == NIL) return NULL;
    const Annexes *a = &e->annexes[person->pathway];
    return a->block + (size_t)person->annex * a->stride;
}

static inline u32 attempts_of(const Engine *e, const Cell *person, int step)
{
    const u32 *annex = annex_of(e, person);
    return annex ? annex[step * 3 + 2] : 0;
}

static inline int is_late(const Engine *e, const Cell *c, int number)   /* whether patience is only found out later */
{
    return e->p->is_chain[c->pathway] && e->p->step_patience[number] >= 0;
}

/* ---- events */

static inline int comes_before(const Engine *e, const Node *a, const Node *b)
{
    if (a->time != b->time) return a->time < b->time;
    if (a->kind != b->kind) return a->kind < b->kind;
    const Cell *one = &e->cells[a->cell], *other = &e->cells[b->cell];
    if (one->key != other->key) return one->key < other->key;
    return one->step < other->step;
}

static void push_heap(Engine *e, Node node)
{
    if (e->heap_length == e->heap_room) {
        u32 room = e->heap_room * 2;
        e->heap = more(e, e->heap, (size_t)room * sizeof(Node));
        if (e->failed) return;
        e->heap_room = room;
    }
    u32 hole = e->heap_length++;
    while (hole && comes_before(e, &node, &e->heap[(hole - 1) / 2])) {
        e->heap[hole] = e->heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    e->heap[hole] = node;
}

static Node pop_heap(Engine *e)   /* the hole goes down to the end without asking, and the last one up from there */
{
    Node *heap = e->heap, top = heap[0], last = heap[--e->heap_length];
    u32 length = e->heap_length, hole = 0, child;
    while ((child = 2 * hole + 1) + 1 < length) {
        child += (u32)comes_before(e, &heap[child + 1], &heap[child]);
        heap[hole] = heap[child];
        hole = child;
    }
    if (child < length) {
        heap[hole] = heap[child];
        hole = child;
    }
    while (hole && comes_before(e, &last, &heap[(hole - 1) / 2])) {
        heap[hole] = heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap[hole] = last;
    return top;
}

static inline u32 kind_of(const Cell *c)
{
    int state = state_of(c);
    return state == SERVED ? END : state == TIMER ? LEAVE : ARRIVE;
}

static inline int push(Engine *e, u32 index, i64 when)   /* whether there is such an event before the end */
{
    e->cells[index].time = when;
    if (when >= e->end) return 0;
    i64 bucket = when >> e->p->bucket_shift;
    if (bucket == e->bucket) {
        push_heap(e, (Node){when, index, kind_of(&e->cells[index])});
    } else {
        u32 *head = &e->ring[(u64)bucket & e->ring_mask];
        e->cells[index].next = *head;
        *head = index;
    }
    return 1;
}

static void open_bucket(Engine *e, i64 bucket)
{
    u32 *head = &e->ring[(u64)bucket & e->ring_mask], index = *head, later = NIL;
    e->bucket = bucket;
    while (index != NIL) {
        u32 next = e->cells[index].next;
        i64 when = e->cells[index].time;
        if (when >> e->p->bucket_shift == bucket) {
            push_heap(e, (Node){when, index, kind_of(&e->cells[index])});
        } else {
            e->cells[index].next = later;
            later = index;
        }
        index = next;
    }
    *head = later;
    e->ahead = e->ring[(u64)(bucket + 1) & e->ring_mask];
}

static inline void fetch_ahead(Engine *e)   /* one cell of the next bucket for each event of this one */
{
    if (e->ahead == NIL) return;
    e->ahead = e->cells[e->ahead].next;
    if (e->ahead != NIL) __builtin_prefetch(&e->cells[e->ahead]);
}

/* ---- what is written */

static inline i64 window_of(const Program *p, i64 week)   /* the last window ends with the last week */
{
    return (week + p->windows * p->window_weeks - p->weeks) / p->window_weeks;
}

static inline i64 window_at(const Engine *e, i64 when) { return window_of(e->p, when >> WEEK); }
static inline i64 bin_of(const Engine *e, i64 ticks)
{
    i64 week = ticks >> WEEK;
    return week < e->p->bins ? week : e->p->bins - 1;
}

static inline i64 *sums_of(const Engine *e, i64 window, int number)
{
    return e->r->wait_sums + (window * e->p->steps + number) * 5;
}

static inline void count_area(Engine *e, int number)
{
    e->area[number] += e->queued[number] * (e->now - e->area_at[number]);
    e->area_at[number] = e->now;
}

static void write_row(Engine *e, i64 row)
{
    const Program *p = e->p;
    i64 *at_row = e->r->rows + row * (p->steps * 5 + p->services * 4 + p->pathways * 4);
    for (i64 n = 0; n < p->steps; n++) {
        *at_row++ = e->waiting[n]; *at_row++ = e->joined[n]; *at_row++ = e->started[n]; *at_row++ = e->done[n];
        *at_row++ = e->left[n];
    }
    for (i64 s = 0; s < p->services; s++) {
        *at_row++ = e->busy[s]; *at_row++ = e->used[s]; *at_row++ = e->lapsed[s]; *at_row++ = e->offered[s];
    }
    for (i64 k = 0; k < p->pathways; k++) {
        *at_row++ = e->arrived[k]; *at_row++ = e->finished[k]; *at_row++ = e->gave_up[k];
        *at_row++ = e->arrived[k] - e->finished[k] - e->gave_up[k];
    }
}

static void write_ages(Engine *e, i64 check)
{
    const Program *p = e->p;
    for (u32 index = 0; index < e->length; index++) {
        const Cell *c = &e->cells[index];
        int state = state_of(c), number = p->first_step[c->pathway] + c->step;
        if (state == TIMER || state == SOURCE || state == LIST || state == UNUSED) continue;
        if (state == QUEUED) {
            if (is_late(e, c, number) && c->deadline < e->now) continue;
            e->r->ages[(check * p->steps + number) * p->bins + bin_of(e, e->now - c->time)]++;
        }
        if (!(c->state & IS_EXTRA) && c->state & CLOCK_RUNS)
            e->r->clock_ages[(check * p->pathways + c->pathway) * p->bins + bin_of(e, e->now - c->clock)]++;
    }
}

static void trace(Engine *e, const Cell *person, int step, i64 window)
{
    const Program *p = e->p;
    const u32 *annex = annex_of(e, person);
    int first = p->first_step[person->pathway], size = p->first_step[person->pathway + 1] - first;
    i64 begun = (person->clock - person->arrival) >> UNIT;
    i64 *sums = e->r->trace_sums + (window * p->pathways + person->pathway) * 2;
    sums[0]++;
    sums[1] += (i64)annex[step * 3 + 1] - begun;
    for (;;) {
        i64 ready = 0, done = annex[step * 3 + 1];
        int before = -1;
        for (int other = 0; other < size; other++)
            if (p->step_after[first + step] >> other & 1 && (i64)annex[other * 3 + 1] > ready) {
                ready = annex[other * 3 + 1];
                before = other;
            }
        i64 span = done - (ready > begun ? ready : begun), served = done - ready - annex[step * 3];
        if (served > span) served = span;
        i64 *to = e->r->traces + (window * p->steps + first + step) * 2;
        to[0] += span - served;
        to[1] += served;
        if (ready <= begun) return;
        step = before;
    }
}

static void stop_clock(Engine *e, u32 person, int step)
{
    Cell *c = &e->cells[person];
    if (!(c->state & CLOCK_RUNS)) return;
    c->state = (u8)((c->state & ~CLOCK_RUNS) | CLOCK_ENDED);
    i64 window = e->window, ticks = e->now - c->clock, of = window * e->p->pathways + c->pathway;
    e->r->clocks[of * e->p->bins + bin_of(e, ticks)]++;
    e->r->clock_sums[of * 2]++;
    e->r->clock_sums[of * 2 + 1] += ticks;
    if (c->state & IS_TRACED) trace(e, c, step, window);
}

/* ---- queues */

static inline int has_room(const Engine *e, int queue)
{
    i32 only = e->only_service[queue];
    if (only >= 0) return e->free_room[only] > 0;
    for (int n = e->p->queue_start[queue]; n < e->p->queue_start[queue + 1]; n++)
        if (e->free_room[e->p->queue_services[n]] <= 0) return 0;
    return 1;
}

static inline int priority_of(const Engine *e, const Cell *c, int number)
{
    int own = e->p->step_priority[number];
    return own >= 0 ? own : c->priority;
}

static void leave_unnoticed(Engine *e, u32 index)   /* whose patience ended some time ago comes to the head, or the end */
{
    Cell *c = &e->cells[index];
    int number = e->p->first_step[c->pathway] + c->step;
    i64 when = c->deadline, *sums = sums_of(e, window_at(e, when), number);
    unlink_cell(e, index);
    count_area(e, number);
    e->area[number] -= e->now - when;
    e->queued[number]--;
    e->queued_in[e->p->step_queue[number]]--;
    if (when >> WEEK >= e->week) {
        e->waiting[number]--;
        e->left[number]++;
        e->gave_up[c->pathway]++;
        e->expiring[(i64)number * e->p->weeks + (when >> WEEK)]--;
    }
    sums[3]++;
    sums[4] += when - c->time;
    e->events++;
    if (c->annex != NIL) {
        Annexes *a = &e->annexes[c->pathway];
        a->block[(size_t)c->annex * a->stride] = a->unused;
        a->unused = c->annex;
    }
    free_cell(e, index);
}

static inline int has_gone(const Engine *e, const Cell *c)   /* whether patience, found out later, ended before this event */
{
    if (!is_late(e, c, e->p->first_step[c->pathway] + c->step)) return 0;
    if (c->deadline != e->now) return c->deadline < e->now;
    return e->kind > LEAVE || (e->kind == LEAVE && c->key < e->key);
}

static u32 head_of(Engine *e, u32 lane)
{
    for (u32 n = e->lane_first[lane]; n < e->lane_lists[lane]; n++) {
        u32 list = e->lane_list[lane] + n, head;
        e->lane_first[lane] = n;
        while ((head = e->cells[list].next) != list) {
            if (!has_gone(e, &e->cells[head])) return head;
            leave_unnoticed(e, head);
        }
    }
    return NIL;
}

static void start(Engine *e, u32 index);

static void hand_out(Engine *e, int service)
{
    const Program *p = e->p;
    while (e->free_room[service] > 0) {
        u32 best = NIL, best_lane = 0;
        i64 best_rank = 0;
        for (int n = e->of_service_start[service]; n < e->of_service_start[service + 1]; n++) {
            int queue = e->of_service[n];
            if (!e->queued_in[queue] || !has_room(e, queue)) continue;
            for (u32 left = e->lanes_used[queue]; left; left &= left - 1) {
                u32 number = (u32)__builtin_ctz(left), lane = (u32)queue * LANES + number, head = head_of(e, lane);
                if (head == NIL) {
                    e->lanes_used[queue] &= ~(1u << number);
                    continue;
                }
                const Cell *c = &e->cells[head], *b = &e->cells[best == NIL ? head : best];
                i64 since = p->queue_order[queue] ? ((i64)e->lane_first[lane] - e->lists_back) * ((i64)1 << WEEK) : c->time;
                i64 rank = since + (i64)(lane % LANES) * p->ageing[service];
                if (best == NIL || rank < best_rank
                    || (rank == best_rank && (c->key < b->key || (c->key == b->key && c->step < b->step)))) {
                    best = head;
                    best_rank = rank;
                    best_lane = lane;
                }
            }
        }
        if (best == NIL) return;
        if (!p->queue_order[best_lane / LANES]) {
            e->overtaken += e->cells[best].time < e->lane_since[best_lane];
            e->lane_since[best_lane] = e->cells[best].time;
        }
        unlink_cell(e, best);
        e->queued_in[best_lane / LANES]--;
        start(e, best);
    }
}

/* ---- steps */

static void take(Engine *e, u32 index, int number, i64 ticks, int takes_slot)
{
    const Program *p = e->p;
    int queue = p->step_queue[number];
    for (int n = p->queue_start[queue]; n < p->queue_start[queue + 1]; n++) {
        int service = p->queue_services[n];
        if (p->gives[service] == SLOTS) {
            e->free_room[service] -= takes_slot;
            e->used[service] += takes_slot;
        } else if (p->gives[service] == PLACES) {
            e->free_room[service]--;
            e->busy[service]++;
        }
    }
    set_state(&e->cells[index], SERVED);
    push(e, index, e->now + ticks);
}

static void cancel_patience(Engine *e, Cell *c, int number)
{
    if (is_late(e, c, number)) {
        if (c->deadline < e->end) e->expiring[(i64)number * e->p->weeks + (c->deadline >> WEEK)]--;
    } else if (c->deadline >= 0) {
        e->cells[c->deadline].extra = NIL;
    }
}

static void start(Engine *e, u32 index)   /* a request that is counted as waiting, in no list any more */
{
    Cell *c = &e->cells[index];
    const Cell *person = &e->cells[person_of(e, index)];
    int step = c->step, number = e->p->first_step[c->pathway] + step, after = e->p->step_after[number];
    u32 *annex = annex_of(e, person);
    i64 waited = e->now - c->time, window = e->window, *sums = sums_of(e, window, number);
    i64 ticks = ticks_drawn(e, e->p->step_duration[number], c->key, (u32)step, P_DURATION, attempts_of(e, person, step));
    e->unready += (person->done & after) != after;
    if (state_of(c) == QUEUED) cancel_patience(e, c, number);
    count_area(e, number);
    e->queued[number]--;
    e->waiting[number]--;
    e->started[number]++;
    if (annex) annex[step * 3] += (u32)(waited >> UNIT);
    sums[0]++;
    sums[1] += waited;
    sums[2] += ticks;
    e->r->waits[(window * e->p->steps + number) * e->p->bins + bin_of(e, waited)]++;
    take(e, index, number, ticks, 1);
}

static u32 new_request(Engine *e, u32 person, int step)
{
    if (state_of(&e->cells[person]) == IDLE) {
        e->cells[person].step = (u8)step;
        return person;
    }
    u32 index = new_cell(e);
    Cell *c = &e->cells[index], *owner = &e->cells[person];
    c->state = IS_EXTRA;
    c->key = owner->key;
    c->pathway = owner->pathway;
    c->priority = owner->priority;
    c->step = (u8)step;
    c->extra = person;
    c->annex = owner->extra;
    owner->extra = index;
    return index;
}

static void free_request(Engine *e, u32 index)
{
    if (!(e->cells[index].state & IS_EXTRA)) {
        set_state(&e->cells[index], IDLE);
        return;
    }
    u32 *from = &e->cells[e->cells[index].extra].extra;
    while (*from != index) from = &e->cells[*from].annex;
    *from = e->cells[index].annex;
    free_cell(e, index);
}

static u32 request_of(const Engine *e, u32 person, int step)
{
    const Cell *c = &e->cells[person];
    if (c->step == step && state_of(c) != IDLE) return person;
    u32 index = c->extra;
    while (index != NIL && e->cells[index].step != step) index = e->cells[index].annex;
    return index;
}

static void begin_patience(Engine *e, u32 index, u32 person, int number, i64 since)
{
    i32 table = e->p->step_patience[number];
    Cell *c = &e->cells[index];
    c->deadline = -1;
    if (table < 0) return;
    i64 left = since < e->now
        ? ticks_left(e, table, e->now - since, c->key, c->step, P_PATIENCE)
        : ticks_drawn(e, table, c->key, c->step, P_PATIENCE, attempts_of(e, &e->cells[person], c->step));
    i64 when = e->now + left;
    if (is_late(e, c, number)) {
        c->deadline = when < e->end ? when : FOREVER;
        if (when < e->end) e->expiring[(i64)number * e->p->weeks + (when >> WEEK)]++;
        return;
    }
    if (when >= e->end) return;
    u32 timer = new_cell(e);
    Cell *t = &e->cells[timer];
    c = &e->cells[index];
    t->state = TIMER;
    t->key = c->key;
    t->step = c->step;
    t->extra = index;
    c->deadline = timer;
    push(e, timer, when);
}

static void join(Engine *e, u32 person, int step, i64 since)
{
    int number = e->p->first_step[e->cells[person].pathway] + step, queue = e->p->step_queue[number];
    u32 index = new_request(e, person, step);
    Cell *c = &e->cells[index];
    c->time = since;
    e->cells[person].begun |= (u16)(1 << step);
    count_area(e, number);
    e->joined[number]++;
    e->waiting[number]++;
    e->queued[number]++;
    if (has_room(e, queue)) {
        start(e, index);
        return;
    }
    set_state(c, QUEUED);
    u32 lane = (u32)(queue * LANES + priority_of(e, c, number)), list = 0;
    if (e->p->queue_order[queue]) {
        list = (u32)((e->cells[person].clock >> WEEK) + e->lists_back);
        if (list < e->lane_first[lane]) e->lane_first[lane] = list;
    }
    e->queued_in[queue]++;
    e->lanes_used[queue] |= 1u << (lane % LANES);
    append(e, e->lane_list[lane] + list, index);
    begin_patience(e, index, person, number, since);
}

static void release(Engine *e, u32 index)
{
    const Program *p = e->p;
    int queue = p->step_queue[p->first_step[e->cells[index].pathway] + e->cells[index].step];
    free_request(e, index);
    for (int n = p->queue_start[queue]; n < p->queue_start[queue + 1]; n++)
        if (p->gives[p->queue_services[n]] == PLACES) {
            e->free_room[p->queue_services[n]]++;
            e->busy[p->queue_services[n]]--;
        }
    for (int n = p->queue_start[queue]; n < p->queue_start[queue + 1]; n++)
        if (p->gives[p->queue_services[n]] == PLACES) hand_out(e, p->queue_services[n]);
}

static void withdraw(Engine *e, u32 index)
{
    Cell *c = &e->cells[index];
    int step = c->step, number = e->p->first_step[c->pathway] + step;
    u32 *annex = annex_of(e, &e->cells[person_of(e, index)]);
    i64 waited = e->now - c->time, *sums = sums_of(e, e->window, number);
    cancel_patience(e, c, number);
    unlink_cell(e, index);
    count_area(e, number);
    e->queued_in[e->p->step_queue[number]]--;
    e->queued[number]--;
    e->waiting[number]--;
    e->left[number]++;
    if (annex) annex[step * 3] += (u32)(waited >> UNIT);
    sums[3]++;
    sums[4] += waited;
    free_request(e, index);
}

static void mark_done(Engine *e, u32 person, int step)
{
    Cell *c = &e->cells[person];
    u32 *annex = annex_of(e, c);
    c->done |= (u16)(1 << step);
    if (annex) annex[step * 3 + 1] = (u32)((e->now - c->arrival) >> UNIT);
    if (step == e->p->clock_start[c->pathway] && !(c->state & (CLOCK_RUNS | CLOCK_ENDED))) {
        c->clock = e->now;
        c->state |= CLOCK_RUNS;
    }
    if (step == e->p->clock_stop[c->pathway]) stop_clock(e, person, step);
}

static void forget(Engine *e, u32 person)
{
    Cell *c = &e->cells[person];
    if (c->annex != NIL) {
        Annexes *a = &e->annexes[c->pathway];
        a->block[(size_t)c->annex * a->stride] = a->unused;
        a->unused = c->annex;
    }
    free_cell(e, person);
}

static void forget_if_idle(Engine *e, u32 person)
{
    if (state_of(&e->cells[person]) == IDLE && e->cells[person].extra == NIL) forget(e, person);
}

static void begin_pathway(Engine *e, int pathway, u64 key);

static void lead(Engine *e, u32 person, int step, int number)
{
    const Program *p = e->p;
    u64 key = e->cells[person].key;
    for (int n = p->first_lead[number]; n < p->first_lead[number + 1]; n++) {
        u64 share = p->lead_share[n];
        if (share != CERTAIN && share_drawn(e, key, (u32)step, P_LEAD, (u32)(n - p->first_lead[number])) >= share) continue;
        u64 index = mix(key + (u64)(n + 1) * GOLDEN) & ((1ull << 48) - 1);
        e->events++;
        begin_pathway(e, p->lead_pathway[n], ((u64)p->lead_pathway[n] << 56) | (128ull << 48) | index);
    }
}

static int has_fallen(const Engine *e, const Cell *c, int number)   /* whether one who was there is known to need a step */
{
    if ((c->key >> 48 & 0xff) != 255) return 0;
    int first = e->p->first_step[c->pathway], size = e->p->first_step[c->pathway + 1] - first;
    for (int other = 0; other < size; other++)
        if (c->begun >> other & 1 && e->p->step_coin[first + other] == e->p->step_coin[number]) return 1;
    return 0;
}

static int settle(Engine *e, u32 person, int step, int number)   /* whether the step became done */
{
    const Program *p = e->p;
    Cell *c = &e->cells[person];
    if (c->done >> step & 1) return 0;
    int hold = p->step_hold[number], is_target_done = hold >= 0 && c->done >> hold & 1;
    if (c->begun >> step & 1) {
        u32 index = is_target_done ? request_of(e, person, step) : NIL;
        if (index == NIL) return 0;
        int state = state_of(&e->cells[index]);
        if (state == HELD) {
            release(e, index);
            e->done[number]++;
            mark_done(e, person, step);
            lead(e, person, step, number);
            return 1;
        }
        if (state == QUEUED) {
            withdraw(e, index);
            mark_done(e, person, step);
            return 1;
        }
        return 0;
    }
    int after = p->step_after[number];
    if ((c->done & after) != after) return 0;
    u64 share = p->step_share[number];
    int is_needed = share == CERTAIN || has_fallen(e, c, number)
        || share_drawn(e, c->key, (u32)p->step_coin[number], P_COIN, 0) < share;
    if (is_target_done || !is_needed) {
        mark_done(e, person, step);
        return 1;
    }
    join(e, person, step, e->now);
    return 0;
}

static void go_on(Engine *e, u32 person, int last)
{
    int pathway = e->cells[person].pathway, first = e->p->first_step[pathway];
    int size = e->p->first_step[pathway + 1] - first, step = 0;
    while (step < size)
        if (settle(e, person, step, first + step)) { last = step; step = 0; } else step++;
    if (e->cells[person].done == (u16)((1u << size) - 1)) {
        stop_clock(e, person, last);
        e->finished[pathway]++;
        forget(e, person);
    }
}

static void end_step(Engine *e, u32 index)
{
    const Program *p = e->p;
    u32 person = person_of(e, index);
    Cell *c = &e->cells[person];
    int step = e->cells[index].step, number = p->first_step[c->pathway] + step, hold = p->step_hold[number];
    if (!(c->state & HAS_LEFT) && hold >= 0 && !(c->done >> hold & 1)) {
        set_state(&e->cells[index], HELD);
        return;
    }
    release(e, index);
    c = &e->cells[person];
    if (c->state & HAS_LEFT) {
        forget_if_idle(e, person);
        return;
    }
    if (p->step_most[number]) {
        u32 *annex = annex_of(e, c), attempt = annex[step * 3 + 2];
        if (attempt < (u32)p->step_most[number]
            && share_drawn(e, c->key, (u32)step, P_REPEAT, attempt) < p->step_repeat[number]) {
            annex[step * 3 + 2]++;
            join(e, person, step, e->now);
            return;
        }
    }
    e->done[number]++;
    mark_done(e, person, step);
    lead(e, person, step, number);
    go_on(e, person, step);
}

static void give_up(Engine *e, u32 person)
{
    Cell *c = &e->cells[person];
    int pathway = c->pathway, size = e->p->first_step[pathway + 1] - e->p->first_step[pathway];
    c->state = (u8)((c->state | HAS_LEFT | CLOCK_ENDED) & ~CLOCK_RUNS);
    e->gave_up[pathway]++;
    for (int state = QUEUED; state <= HELD; state += HELD - QUEUED)
        for (int step = 0; step < size; step++) {
            u32 index = request_of(e, person, step);
            if (index == NIL || state_of(&e->cells[index]) != state) continue;
            if (state == QUEUED) withdraw(e, index); else release(e, index);
        }
    forget_if_idle(e, person);
}

static void leave(Engine *e, u32 index)
{
    const Program *p = e->p;
    u32 person = person_of(e, index);
    int step = e->cells[index].step, pathway = e->cells[person].pathway, first = p->first_step[pathway];
    int number = first + step, size = p->first_step[pathway + 1] - first;
    withdraw(e, index);
    if (p->step_on_leave[number] == 0) {
        give_up(e, person);
        return;
    }
    if (p->step_on_leave[number] == 2)
        for (int other = 0; other < size; other++) {
            if ((e->cells[person].done | p->step_keep[number]) >> other & 1 || other == step) continue;
            u32 there = request_of(e, person, other);
            if (there != NIL && state_of(&e->cells[there]) != QUEUED) continue;
            if (there != NIL) withdraw(e, there);
            mark_done(e, person, other);
        }
    mark_done(e, person, step);
    go_on(e, person, step);
}

/* ---- people */

static u32 new_person(Engine *e, int pathway, u64 key, i64 arrival, int band)
{
    const Program *p = e->p;
    u32 index = new_cell(e);
    Cell *c = &e->cells[index];
    int first = p->first_band[pathway], last = p->first_band[pathway + 1], priority = p->pathway_priority[pathway];
    if (first < last) {
        if (band < 0) {
            u64 drawn = share_drawn(e, key, 0, P_BAND, 0);
            for (band = 0; drawn >= p->band_share[first + band]; band++) {}
        }
        priority = p->band_priority[first + band];
    }
    c->key = key;
    c->pathway = (u8)pathway;
    c->priority = (u8)priority;
    c->arrival = c->clock = arrival;
    c->state = IDLE;
    if (e->annexes[pathway].stride) {
        u32 annex = new_annex(e, pathway);
        e->cells[index].annex = annex;
    }
    e->arrived[pathway]++;
    return index;
}

static void begin_pathway(Engine *e, int pathway, u64 key)
{
    u32 person = new_person(e, pathway, key, e->now, -1);
    if (e->p->is_traced[pathway]) e->cells[person].state |= IS_TRACED;
    if (e->p->clock_start[pathway] < 0) e->cells[person].state |= CLOCK_RUNS;
    go_on(e, person, -1);
}

static void next_arrival(Engine *e, u32 index)
{
    const Program *p = e->p;
    u32 source = e->cells[index].extra;
    const i64 *rates = p->source_rate + (i64)source * p->table_weeks;
    const u64 *keeps = p->source_keep + (i64)source * p->table_weeks;
    u64 base = ((u64)p->source_pathway[source] << 56) | ((u64)p->source_stream[source] << 48);
    for (;;) {
        u64 key = base | (u64)++e->source_index[source];
        i64 week = e->source_week[source], row = e->source_row[source];
        i64 spent = e->spent[source] + ((ticks_drawn(e, 0, key, 0, P_ARRIVAL, 0) + 8) >> 4);
        while (week < p->weeks && spent >= rates[row]) {
            spent -= rates[row];
            week++;
            if (++row == p->table_weeks) row = 0;
        }
        e->spent[source] = spent;
        e->source_week[source] = week;
        e->source_row[source] = row;
        if (week >= p->weeks) return;
        u64 keep = keeps[row];
        if (keep != CERTAIN && share_drawn(e, key, 0, P_KEEP, 0) >= keep) continue;
        e->cells[index].key = key;
        push(e, index, (week << WEEK) + (spent << WEEK) / rates[row]);
        return;
    }
}

static void take_up(Engine *e, u32 person, int step, int number, i64 begun)
{
    u32 index = new_request(e, person, step);
    Cell *c = &e->cells[index];
    c->time = begun;
    e->cells[person].begun |= (u16)(1 << step);
    take(e, index, number, ticks_left(e, e->p->step_duration[number], e->now - begun, c->key, (u32)step, P_DURATION), 0);
}

static int takes_time_alone(const Engine *e, int queue)
{
    for (int n = e->p->queue_start[queue]; n < e->p->queue_start[queue + 1]; n++)
        if (e->p->gives[e->p->queue_services[n]] != TIME) return 0;
    return 1;
}

static void place(Engine *e, const Waiting *one)
{
    const Program *p = e->p;
    const i64 *row = p->present + (i64)one->group * PRESENT;
    int pathway = (int)row[0], first = p->first_step[pathway], size = p->first_step[pathway + 1] - first;
    u32 person = new_person(e, pathway, one->key, one->clock, (int)row[1]);
    int starts = p->clock_start[pathway], stops = p->clock_stop[pathway];
    e->cells[person].done = (u16)row[2];
    if (starts < 0 || row[2] >> starts & 1)
        e->cells[person].state |= stops >= 0 && row[2] >> stops & 1 ? CLOCK_ENDED : CLOCK_RUNS;
    for (int step = 0; step < size; step++)
        if (row[3] >> step & 1) take_up(e, person, step, first + step, one->begun);
    for (int step = 0; step < size; step++) {
        int after = p->step_after[first + step];
        const Cell *c = &e->cells[person];
        if ((c->done | c->begun) >> step & 1 || (c->done & after) != after) continue;
        if (takes_time_alone(e, p->step_queue[first + step])) {
            take_up(e, person, step, first + step, one->joined);
        } else {
            e->before[first + step] -= one->joined;
            join(e, person, step, one->joined);
        }
    }
}

static void settle_all(Engine *e)   /* once everybody is where they were: pass by or drop what need not be waited for */
{
    u32 last = e->length;
    for (u32 index = 0; index < last; index++) {
        const Cell *c = &e->cells[index];
        if (state_of(c) <= HELD && !(c->state & IS_EXTRA)) go_on(e, index, -1);
    }
}

static int by_joining(const void *a, const void *b)
{
    const Waiting *one = a, *other = b;
    if (one->joined != other->joined) return one->joined < other->joined ? -1 : 1;
    return one->key < other->key ? -1 : one->key > other->key;
}

static Waiting waiting_of(const Engine *e, u32 group, u64 number)
{
    const i64 *row = e->p->present + (i64)group * PRESENT, *ends = row + 5;
    Waiting one = {0, 0, 0, ((u64)row[0] << 56) | (255ull << 48) | number, group};
    i64 clock = between(e, ends[0], ends[1], one.key, P_CLOCK);
    one.clock = -clock;
    one.joined = ends[2] == ends[0] && ends[3] == ends[1] ? -clock : -between(e, ends[2], ends[3], one.key, P_JOINED);
    one.begun = ends[4] == ends[0] && ends[5] == ends[1] ? -clock : -between(e, ends[4], ends[5], one.key, P_BEGUN);
    return one;
}

typedef struct { i64 joined; u64 key; u32 group; } Group;

static int by_group(const void *a, const void *b)
{
    const Group *one = a, *other = b;
    if (one->joined != other->joined) return one->joined < other->joined ? -1 : 1;
    return one->key < other->key ? -1 : one->key > other->key;
}

static int is_drawn(const Engine *e)   /* whether anybody's time of joining is drawn, so that groups mix */
{
    for (i64 group = 0; group < e->p->groups; group++) {
        const i64 *row = e->p->present + group * PRESENT;
        if (row[5] != row[6] || row[7] != row[8]) return 1;
    }
    return 0;
}

static void load_groups(Engine *e)   /* groups that joined at one moment each: sorted themselves, people need not be */
{
    Group *groups = more(e, NULL, (size_t)(e->p->groups ? e->p->groups : 1) * sizeof(Group));
    u64 number = 0;
    if (e->failed) return;
    for (i64 n = 0; n < e->p->groups; n++) {
        const i64 *row = e->p->present + n * PRESENT;
        groups[n] = (Group){-row[7], ((u64)row[0] << 56) | (255ull << 48) | number, (u32)n};
        number += (u64)row[4];
    }
    qsort(groups, (size_t)e->p->groups, sizeof(Group), by_group);
    for (i64 n = 0; n < e->p->groups; n++) {
        i64 count = e->p->present[groups[n].group * PRESENT + 4];
        for (i64 each = 0; each < count && !e->failed; each++) {
            Waiting one = waiting_of(e, groups[n].group, (groups[n].key & ((1ull << 48) - 1)) + (u64)each);
            place(e, &one);
        }
    }
    free(groups);
}

static void load(Engine *e)
{
    u64 number = 0, total = 0;
    if (!is_drawn(e)) {
        load_groups(e);
        return;
    }
    for (i64 group = 0; group < e->p->groups; group++) total += (u64)e->p->present[group * PRESENT + 4];
    Waiting *all = more(e, NULL, (total ? total : 1) * sizeof(Waiting));
    if (e->failed) return;
    for (i64 group = 0; group < e->p->groups; group++)
        for (i64 n = 0; n < e->p->present[group * PRESENT + 4]; n++, number++)
            all[number] = waiting_of(e, (u32)group, number);
    qsort(all, total, sizeof(Waiting), by_joining);
    for (u64 n = 0; n < total && !e->failed; n++) place(e, &all[n]);
    free(all);
}

/* ---- the run */

static void begin_week(Engine *e, i64 week)
{
    const Program *p = e->p;
    e->now = week << WEEK;
    e->week = week;
    e->window = window_of(p, week);
    e->kind = 0;
    for (i64 n = 0; week && n < p->steps; n++) {
        i64 gone = e->expiring[n * p->weeks + week - 1];
        if (!gone) continue;
        int pathway = 0;
        while (p->first_step[pathway + 1] <= n) pathway++;
        e->waiting[n] -= gone;
        e->left[n] += gone;
        e->gave_up[pathway] += gone;
    }
    for (i64 s = 0; s < p->services; s++)
        if (p->gives[s] == SLOTS) {
            e->lapsed[s] += e->free_room[s];
            e->free_room[s] = 0;
        }
    if (week % p->row_weeks == 0) write_row(e, week / p->row_weeks);
    if (p->check_weeks && week && (p->weeks - week) % p->check_weeks == 0)
        write_ages(e, p->checks - 1 - (p->weeks - week) / p->check_weeks);
    if (week == p->weeks) return;
    e->events++;
    for (i64 s = 0; s < p->services; s++) {
        i64 given = p->capacity[s * p->table_weeks + week % p->table_weeks];
        if (p->gives[s] == SLOTS) {
            e->free_room[s] = given;
            e->offered[s] += given;
        } else if (p->gives[s] == PLACES) {
            e->free_room[s] = given - e->busy[s];
        }
    }
    for (i64 s = 0; s < p->services; s++)
        if (p->gives[s] != TIME) hand_out(e, (int)s);
}

static void do_event(Engine *e, Node node)
{
    e->now = node.time;
    e->kind = (i32)node.kind;
    e->key = e->cells[node.cell].key;
    if (node.kind == END) {
        e->events++;
        end_step(e, node.cell);
    } else if (node.kind == LEAVE) {
        u32 request = e->cells[node.cell].extra;
        free_cell(e, node.cell);
        if (request == NIL) return;
        e->cells[request].deadline = -1;
        e->events++;
        leave(e, request);
    } else {
        e->events++;
        begin_pathway(e, e->p->source_pathway[e->cells[node.cell].extra], e->key);
        next_arrival(e, node.cell);
    }
}

static void finish_record(Engine *e)   /* walk through everybody who is left, and hold that against what was counted */
{
    const Program *p = e->p;
    i64 *counts = e->r->counts;
    e->now = e->end;
    for (u32 index = 0; index < e->length; index++) {
        const Cell *c = &e->cells[index];
        if (state_of(c) == QUEUED && is_late(e, c, p->first_step[c->pathway] + c->step) && c->deadline < e->end)
            leave_unnoticed(e, index);
    }
    i64 *still = calloc((size_t)p->steps + 1, sizeof(i64));
    if (!still) { e->failed = 1; return; }
    for (u32 index = 0; index < e->length; index++) {
        const Cell *c = &e->cells[index];
        int state = state_of(c);
        if (state == QUEUED) {
            counts[C_WAITING]++;
            still[p->first_step[c->pathway] + c->step] += e->now - c->time;
        }
        counts[C_INSIDE] += state <= HELD && !(c->state & (IS_EXTRA | HAS_LEFT));
    }
    for (i64 n = 0; n < p->steps; n++) {
        i64 waited = still[n];
        count_area(e, (int)n);
        for (i64 window = 0; window < p->windows; window++)
            waited += sums_of(e, window, (int)n)[1] + sums_of(e, window, (int)n)[4];
        counts[C_UNEVEN] += e->area[n] + e->before[n] != waited;
    }
    for (i64 s = 0; s < p->services; s++) counts[C_BUSY] += e->busy[s];
    counts[C_EVENTS] = e->events;
    counts[C_OVERTAKEN] = e->overtaken;
    counts[C_UNREADY] = e->unready;
    free(still);
}

static void *noughts(Engine *e, i64 number, size_t size)
{
    void *block = calloc((size_t)(number > 0 ? number : 1), size);
    if (!block) e->failed = 1;
    return block;
}

static void make_lanes(Engine *e)
{
    const Program *p = e->p;
    i64 most = 0, lanes = p->queues * LANES;
    for (i64 group = 0; group < p->groups; group++)
        if (p->present[group * PRESENT + 6] > most) most = p->present[group * PRESENT + 6];
    e->lists_back = (most >> WEEK) + 1;
    e->lane_list = noughts(e, lanes, sizeof(u32));
    e->lane_lists = noughts(e, lanes, sizeof(u32));
    e->lane_first = noughts(e, lanes, sizeof(u32));
    e->lane_since = noughts(e, lanes, sizeof(i64));
    for (i64 lane = 0; lane < lanes && !e->failed; lane++) {
        i64 lists = p->queue_order[lane / LANES] ? e->lists_back + p->weeks : 1;
        e->lane_list[lane] = e->length;
        e->lane_lists[lane] = (u32)lists;
        e->lane_since[lane] = INT64_MIN;
        for (i64 n = 0; n < lists; n++) {
            u32 list = new_cell(e);
            if (e->failed) return;
            e->cells[list].state = LIST;
            e->cells[list].next = e->cells[list].prev = list;
        }
    }
}

static void make_queues(Engine *e)
{
    const Program *p = e->p;
    int total = 0;
    e->of_service_start = noughts(e, p->services + 1, sizeof(i32));
    e->of_service = noughts(e, p->queue_start[p->queues], sizeof(i32));
    e->queued_in = noughts(e, p->queues, sizeof(i64));
    e->lanes_used = noughts(e, p->queues, sizeof(u32));
    e->only_service = noughts(e, p->queues, sizeof(i32));
    for (int queue = 0; queue < p->queues && !e->failed; queue++) {
        int first = p->queue_start[queue];
        e->only_service[queue] = p->queue_start[queue + 1] - first == 1 ? p->queue_services[first] : -1;
    }
    for (int s = 0; s < p->services && !e->failed; s++) {
        e->of_service_start[s] = total;
        for (int queue = 0; queue < p->queues; queue++)
            for (int n = p->queue_start[queue]; n < p->queue_start[queue + 1]; n++)
                if (p->queue_services[n] == s) e->of_service[total++] = queue;
    }
    if (!e->failed) e->of_service_start[p->services] = total;
}

static void make_annexes(Engine *e)
{
    const Program *p = e->p;
    e->annexes = noughts(e, p->pathways, sizeof(Annexes));
    for (i64 k = 0; k < p->pathways && !e->failed; k++) {
        int repeats = 0;
        for (int n = p->first_step[k]; n < p->first_step[k + 1]; n++) repeats |= p->step_most[n];
        e->annexes[k].unused = NIL;
        if (repeats || p->is_traced[k]) e->annexes[k].stride = 3 * (u32)(p->first_step[k + 1] - p->first_step[k]);
    }
}

static void make_ring(Engine *e)
{
    i64 ring_bits = WEEK - e->p->bucket_shift + 6;
    e->ring_mask = (1ull << ring_bits) - 1;
    e->ring = more(e, NULL, sizeof(u32) << ring_bits);
    if (!e->failed) memset(e->ring, 0xff, sizeof(u32) << ring_bits);
    e->heap_room = 64;
    e->heap = more(e, NULL, e->heap_room * sizeof(Node));
    e->bucket = -1;
}

static void make(Engine *e)
{
    const Program *p = e->p;
    e->room = 1024;
    e->unused = NIL;
    e->cells = more(e, NULL, e->room * sizeof(Cell));
    i64 **by_service[] = {&e->free_room, &e->busy, &e->used, &e->lapsed, &e->offered};
    i64 **by_step[] = {&e->waiting, &e->queued, &e->joined, &e->started, &e->done, &e->left, &e->area, &e->area_at,
                       &e->before};
    i64 **by_pathway[] = {&e->arrived, &e->finished, &e->gave_up};
    i64 **by_source[] = {&e->spent, &e->source_week, &e->source_row, &e->source_index};
    for (size_t n = 0; n < sizeof by_service / sizeof *by_service; n++)
        *by_service[n] = noughts(e, p->services, sizeof(i64));
    for (size_t n = 0; n < sizeof by_step / sizeof *by_step; n++) *by_step[n] = noughts(e, p->steps, sizeof(i64));
    for (size_t n = 0; n < sizeof by_pathway / sizeof *by_pathway; n++)
        *by_pathway[n] = noughts(e, p->pathways, sizeof(i64));
    for (size_t n = 0; n < sizeof by_source / sizeof *by_source; n++)
        *by_source[n] = noughts(e, p->sources, sizeof(i64));
    e->expiring = noughts(e, p->steps * p->weeks, sizeof(i32));
    make_ring(e);
    if (e->failed) return;
    for (i64 s = 0; s < p->services; s++) e->free_room[s] = p->gives[s] == TIME ? ALWAYS : 0;
    make_queues(e);
    make_lanes(e);
    make_annexes(e);
}

static void unmake(Engine *e)
{
    for (i64 k = 0; e->annexes && k < e->p->pathways; k++) free(e->annexes[k].block);
    void *blocks[] = {e->cells, e->ring, e->heap, e->free_room, e->busy, e->used, e->lapsed, e->offered,
                      e->of_service_start, e->of_service, e->queued_in, e->lanes_used, e->only_service,
                      e->lane_list, e->lane_lists, e->lane_first, e->lane_since, e->waiting, e->queued, e->joined, e->started, e->done, e->left, e->area,
                      e->area_at, e->before, e->expiring, e->arrived, e->finished, e->gave_up, e->spent,
                      e->source_week, e->source_row, e->source_index, e->annexes};
    for (size_t n = 0; n < sizeof blocks / sizeof *blocks; n++) free(blocks[n]);
}

static void go(Engine *e)
{
    const Program *p = e->p;
    load(e);
    settle_all(e);
    for (i64 source = 0; source < p->sources && !e->failed; source++) {
        u32 index = new_cell(e);
        e->cells[index].state = SOURCE;
        e->cells[index].extra = (u32)source;
        e->source_index[source] = -1;
        next_arrival(e, index);
    }
    for (i64 week = 0; week <= p->weeks && !e->failed; week++) {
        begin_week(e, week);
        if (week == p->weeks) break;
        i64 last = (week + 1) << (WEEK - p->bucket_shift);
        for (i64 bucket = week << (WEEK - p->bucket_shift); bucket < last; bucket++) {
            open_bucket(e, bucket);
            while (e->heap_length && !e->failed) {
                fetch_ahead(e);
                do_event(e, pop_heap(e));
            }
        }
    }
    if (!e->failed) finish_record(e);
}

/* Run one replication. Returns 0, or 1 where there was not enough memory. */
int braid_run(const Program *program, const Record *record, u64 seed, i64 is_antithetic)
{
    Engine *engine = calloc(1, sizeof(Engine));
    if (!engine) return 1;
    *engine = (Engine){.p = program, .r = record, .seed = seed, .flip = is_antithetic ? 1 : 0};
    engine->end = program->weeks << WEEK;
    if (!setjmp(engine->out)) {
        make(engine);
        if (!engine->failed) go(engine);
    }
    int failed = engine->failed;
    unmake(engine);
    free(engine);
    return failed;
}
