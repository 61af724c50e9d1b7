/* mutant 07.3 M-BR-PORTDOWN: the port is left down */
int bridge_attach(int nl, const char *bridge, const char *port)
{
	struct message m;
	struct ifinfomsg link = { 0 };
	int index = link_index(nl, bridge);
	if (index < 0)
		return index;
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, port);
	message_u32(&m, IFLA_MASTER, (uint32_t)index);
	int rc = message_send(nl, &m, "RTM_NEWLINK %s master %s", port, bridge);
	return rc < 0 ? rc : link_up(nl, bridge);
}
