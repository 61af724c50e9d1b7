/* mutant 07.3 M-BR-DOWN: the bridge is left down */
int bridge_attach(int nl, const char *bridge, const char *port)
{
	struct message m;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	int index = link_index(nl, bridge);
	if (index < 0)
		return index;
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, port);
	message_u32(&m, IFLA_MASTER, (uint32_t)index);
	return message_send(nl, &m, "RTM_NEWLINK %s master %s", port, bridge);
}
