/* right 07.3: the bridge first, then the port, then the master */
int bridge_attach(int nl, const char *bridge, const char *port)
{
	struct message m;
	int index = link_index(nl, bridge), rc = index < 0 ? index : link_up(nl, bridge);
	if (rc < 0)
		return rc;
	struct ifinfomsg link = { .ifi_index = link_index(nl, port) };
	if (link.ifi_index < 0)
		return link.ifi_index;
	message_begin(&m, RTM_SETLINK, 0, &link, sizeof(link));
	message_u32(&m, IFLA_MASTER, (uint32_t)index);
	rc = message_send(nl, &m, "RTM_SETLINK %s master %s", port, bridge);
	return rc < 0 ? rc : link_up(nl, port);
}
