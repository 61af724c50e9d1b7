/* mutant 07.2 M-VETH-HALF: made outside, then carried over; what is left after a failure stays */
#include "network/link_more.h"

int veth_create(int nl, const char *host, const char *inside, int netns)
{
	struct message m;
	struct link_info l;
	struct ifinfomsg link = { 0 };
	message_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, host);
	size_t info = message_nest(&m, IFLA_LINKINFO);
	message_string(&m, IFLA_INFO_KIND, "veth");
	message_nest_end(&m, info);
	int rc = message_send(nl, &m, "RTM_NEWLINK %s veth", host);
	if (rc >= 0)
		rc = link_get(nl, host, &l);
	if (rc < 0)
		return rc;
	link.ifi_index = l.peer;
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_u32(&m, IFLA_NET_NS_FD, (uint32_t)netns);
	message_string(&m, IFLA_IFNAME, inside);
	return message_send(nl, &m, "RTM_NEWLINK %s carried over", inside);
}
