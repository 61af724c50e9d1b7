/*
 * pool.c - which subnet a new network gets.
 *
 * Kernel interface: rtnetlink(7), RTM_GETROUTE.
 * A subnet that the host reaches in another way (the office, a VPN, another engine's bridge) must not become
 * a container network: the host would then lose that other network. So all routes are read first. A VPN that
 * comes up later is noticed when the network's bridge is made (attach.c).
 */
#include "network/pool.h"

#include "base/err.h"
#include "network/link_more.h"
#include "network/message.h"

void subnet_list_add(struct subnet_list *l, const struct subnet *s)
{
	l->items = xrealloc(l->items, (l->count + 1) * sizeof(*s));
	l->items[l->count++] = *s;
}

void subnet_list_release(struct subnet_list *l)
{
	free(l->items);
	*l = (struct subnet_list){ 0 };
}

struct pool_walk {
	struct subnet_list *list;
	int except;
};

static int pool_one_route(const struct nlmsghdr *h, void *data)
{
	const struct pool_walk *w = data;
	const struct rtmsg *r = NLMSG_DATA(h);
	size_t len;
	const void *to = message_find(h, sizeof(*r), RTA_DST, &len);
	const uint32_t *link = message_find(h, sizeof(*r), RTA_OIF, NULL);
	struct subnet s = { .address.family = r->rtm_family, .prefix = r->rtm_dst_len };
	if (h->nlmsg_type != RTM_NEWROUTE || r->rtm_type != RTN_UNICAST || r->rtm_table == RT_TABLE_LOCAL)
		return 0;
	if (!to || !r->rtm_dst_len || len > sizeof(s.address.bytes) || (link && (int)*link == w->except))
		return 0;
	memcpy(s.address.bytes, to, len);
	subnet_list_add(w->list, &s);
	return 0;
}

int pool_routes(int nl, const char *except, struct subnet_list *ret)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };
	struct pool_walk w = { ret, except ? link_index(nl, except) : 0 };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(families); i++) {
		struct message m;
		struct rtmsg all = { .rtm_family = families[i] };
		message_begin(&m, RTM_GETROUTE, 0, &all, sizeof(all));
		rc = message_dump(nl, &m, pool_one_route, &w);
	}
	return rc;
}

const struct subnet *pool_overlap(const struct subnet_list *used, const struct subnet *s)
{
	for (size_t i = 0; i < used->count; i++)
		if (subnet_overlaps(&used->items[i], s))
			return &used->items[i];
	return NULL;
}

static bool pool_try(const struct pool *p, unsigned size, const struct subnet_list *used, struct subnet *ret)
{
	struct subnet s = { subnet_first(&p->base), size };
	unsigned host_bits = address_bytes(&s.address) * 8 - size;
	uint64_t count = 1ull << (size - p->base.prefix > 20 ? 20 : size - p->base.prefix);
	for (uint64_t i = 0; i < count; i++) {
		if (!pool_overlap(used, &s)) {
			*ret = s;
			return true;
		}
		s.address = host_bits < 64 ? address_add(&s.address, 1ull << host_bits) : s.address;
	}
	return false;
}

int pool_pick(const struct pool *pools, size_t n_pools, unsigned size_most, const struct subnet_list *used,
	struct subnet *ret, struct mc_err *err)
{
	for (size_t i = 0; i < n_pools; i++) {
		unsigned size = pools[i].size;
		if (size_most && size > size_most)
			size = size_most < pools[i].base.prefix ? pools[i].base.prefix : size_most;
		if (pool_try(&pools[i], size, used, ret))
			return 0;
	}
	err_set(err, ENOSPC,
		"all predefined address pools have been fully subnetted: every subnet of them overlaps a "
		"network or a route of this host");
	return err_hint(err,
		"give one: --subnet 10.99.0.0/24, or more of them: default-address-pools in config.json");
}
