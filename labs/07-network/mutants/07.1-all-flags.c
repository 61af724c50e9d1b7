/* mutant 07.1 M-LINK-CHANGE: every other flag is cleared */
int link_up(int nl, const char *name)
{
	struct message m;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = ~0u };
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, name);
	return message_send(nl, &m, "RTM_NEWLINK %s up", name);
}
