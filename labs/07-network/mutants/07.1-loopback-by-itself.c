/* mutant 07.1 M-LINK-LO: the loopback is thought to be up by itself */
#include <string.h>

int link_up(int nl, const char *name)
{
	struct message m;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	if (strcmp(name, "lo") == 0)
		return 0;
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, name);
	return message_send(nl, &m, "RTM_NEWLINK %s up", name);
}
