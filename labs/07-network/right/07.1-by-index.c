/* right 07.1: by number, and with the flags that the link has */
#include "network/link_more.h"

int link_up(int nl, const char *name)
{
	struct message m;
	int index = link_index(nl, name);
	if (index < 0)
		return index;
	struct ifinfomsg link = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	message_begin(&m, RTM_SETLINK, 0, &link, sizeof(link));
	return message_send(nl, &m, "RTM_SETLINK %s up", name);
}
