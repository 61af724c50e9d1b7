/* mutant 07.1 M-LINK-ACK: no acknowledgement is asked for */
#include <sys/socket.h>

int link_up(int nl, const char *name)
{
	struct message m;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, name);
	struct nlmsghdr *h = (struct nlmsghdr *)m.bytes;
	h->nlmsg_flags = NLM_F_REQUEST;
	return send(nl, h, h->nlmsg_len, 0) < 0 ? -1 : 0;
}
