/*
 * lease.h - which container has which address in one network: the file networks/ID/leases. Also its table of
 * names.
 *
 *     leases 1 BOOT_ID
 *     next 10.89.0.9
 *     up    10.89.0.2 fd4d:1::2 02:42:0a:59:00:02 eth0 CONTAINER_ID PID STARTTIME web www api
 *     taken 10.89.0.3 -         02:42:0a:59:00:03 eth0 CONTAINER_ID PID STARTTIME db
 *     held  10.89.0.5 -         -                 -    CONTAINER_ID 0   0         db2
 *
 * taken  an address is promised, the links are being made; its names are not known yet
 * up     packets can flow, so names are answered (engine/monitor/net_file.c reads this file, too)
 * held   asked for by --ip, and the container does not run: no other container gets it
 * The file is replaced by rename(2), so readers need no lock. A line counts only while its process lives (pid
 * and start time) and this boot lasts: so a crash never keeps an address, and two containers never have the
 * same one.
 */
#ifndef MC_NETWORK_LEASE_H
#define MC_NETWORK_LEASE_H

#include "base/err.h"
#include "base/process_id.h"
#include "network/bridge.h"

enum lease_state { LEASE_TAKEN, LEASE_UP, LEASE_HELD };

struct lease_line {
	enum lease_state state;
	struct address address4, address6; /* family 0: none */
	uint8_t mac[6];
	char ifname[IFNAMSIZ]; /* inside; "" for held */
	char id[65];           /* the container's */
	struct process_id
		who;  /* who must live for the line to count: the starting command, then the container */
	char **names; /* owned */
};

struct lease_file {
	struct lease_line *lines; /* owned */
	size_t count;
	const struct address *kept; /* for machines that are no containers: never given; borrowed */
	size_t n_kept;
	struct address next; /* where the search for a fresh address begins; family 0: at the start */
};

/* What a container asks for. */
struct lease_request {
	const char *id;
	const char *ifname;
	struct address address4, address6; /* --ip, --ip6; family 0: choose */
	bool has_mac;
	uint8_t mac[6];
	char *const *names;         /* borrowed */
	const struct address *kept; /* that the network's owner keeps for others; borrowed */
	size_t n_kept;
	/*
	 * Called for each line whose process has died: its cable may be plugged in still. True: the line
	 * stays, and says now who holds the address. NULL: none.
	 */
	bool (*stray)(struct lease_line *l, void *data);
	void *data;
};

/* dir is networks/ID. Reads the lines that count. A missing or broken file has none. Never an error. */
void lease_read(const char *dir, struct lease_file *ret);
void lease_file_release(struct lease_file *f);
#define _cleanup_lease_file_ __attribute__((cleanup(lease_file_release)))

/*
 * Gives the container an address of n, as `taken` by this process; a line that it has already is replaced.
 * -EADDRINUSE when an address that was asked for is another's, -ENOSPC when all are given. *ret has no
 * gateways: who is the default route is decided among all networks of a container.
 */
int lease_take(const char *dir, const struct network *n, const struct lease_request *r, struct lease *ret,
	struct mc_err *err);
/* Looks at lines whose process has died, as lease_take() does (lease_request.stray), and takes none. */
int lease_mend(
	const char *dir, bool (*stray)(struct lease_line *l, void *data), void *data, struct mc_err *err);
/* taken becomes up: the names are answered from now on. who lives as long as the address is used. */
int lease_raise(const char *dir, const char *id, const struct process_id *who, char *const names[],
	struct mc_err *err);
/* up becomes taken by this process: the names are gone at once, the address is not free before the cable is
 * out. */
void lease_lower(const char *dir, const char *id);
/* The lease as lease_take() gave it. False: the container has none in this network. */
bool lease_find(const char *dir, const struct network *n, const char *id, struct lease *ret);
/* The line goes, or becomes `held` when hold is set. No line, no file: nothing to do. */
void lease_drop(const char *dir, const char *id, bool hold);

/* "02:42:ac:11:00:02". Returns 0 or -EINVAL. */
int mac_parse(const char *text, uint8_t ret[6]);
void mac_text(const uint8_t mac[6], char out[18]);

#endif
