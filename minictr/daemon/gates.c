/*
 * gates.c - see gates.h.
 */
#include "daemon/gates.h"

#include <signal.h>

#include "daemon/job_message.h"
#include "daemon/waits.h"

static bool is_op(const struct job *j, const char *op) { return str_eq(j->route->op, op); }

/* Does this job wait for a container to start? */
static bool gates_waits(const struct job *j)
{
	return is_op(j, "containers.attach") && j->container[0] && j->sock >= 0 && j->pid > 0;
}

static bool is_gate_of(const struct job *gate, const struct job *start)
{
	return gates_waits(gate) && str_eq(gate->container, start->container);
}

void gates_prepare(struct job *j)
{
	struct mc_err ignored = { 0 };
	int n = 0;
	if (!is_op(j, "containers.start") && !is_op(j, "containers.restart"))
		return;
	if (container_find_id(&j->daemon->engine, j->call->params.name, j->container, &ignored) < 0)
		return;
	for (struct job *g = j->daemon->jobs; g; g = g->next)
		n += is_gate_of(g, j);
	json_set_i64(j->call->doc, "gates", n);
}

void gates_hand_over(struct job *j)
{
	struct mc_err ignored = { 0 };
	if (!j->container[0])
		return;
	for (struct job *g = j->daemon->jobs; g; g = g->next)
		if (is_gate_of(g, j)) {
			struct job_message m = { .kind = MESSAGE_GATE, .count = g->gate };
			job_message_send(j->sock, &m, g->sock, &ignored);
		}
}

/* The start failed: ends the attach jobs that wait for it, or they would wait for ever. */
static void turn_away(struct job *start)
{
	for (struct job *g = start->daemon->jobs; g; g = g->next)
		if (is_gate_of(g, start)) {
			g->container[0] = '\0';
			kill(g->pid, SIGTERM);
		}
}

void gates_started(struct daemon *d, const char *id)
{
	struct job_message m = { .kind = MESSAGE_STARTED };
	struct mc_err ignored = { 0 };
	for (struct job *j = d->jobs; j; j = j->next)
		if (gates_waits(j) && str_eq(j->container, id)) {
			job_message_send(j->sock, &m, -1, &ignored);
			j->container[0] = '\0';
		}
}

void gates_answered(struct job *j, const struct json *head)
{
	const char *pending = json_text_of(json_member(head, "pending"));
	if (pending) {
		snprintf(j->container, sizeof(j->container), "%s", pending);
		j->gate = (uint32_t)json_int_of(json_member(head, "gate"));
		return;
	}
	if (!is_op(j, "containers.start") && !is_op(j, "containers.restart"))
		return;
	if (json_int_of(json_member(head, "status")) >= 400) {
		waits_start_failed(j->daemon, j->container, (int)json_int_of(json_member(head, "exit")));
		turn_away(j);
		return;
	}
	/* For jobs that came while it started. The others have their connection already and ignore it. */
	gates_started(j->daemon, j->container);
}

void gates_hijack_ended(struct job *j)
{
	struct MHD_UpgradeResponseHandle *raw = j->raw;
	j->raw = NULL;
	MHD_upgrade_action(raw, MHD_UPGRADE_ACTION_CLOSE);
}
