/* mutant 07.2 M-VETH-OUTSIDE: the names are swapped round the cable, so the host end is moved */
int veth_create(int nl, const char *host, const char *inside, int netns)
{
	struct message m;
	struct ifinfomsg link = { 0 }, peer = { 0 };
	message_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, inside);
	size_t info = message_nest(&m, IFLA_LINKINFO);
	message_string(&m, IFLA_INFO_KIND, "veth");
	size_t data = message_nest(&m, IFLA_INFO_DATA);
	size_t other = message_nest(&m, VETH_INFO_PEER);
	message_raw(&m, &peer, sizeof(peer));
	message_string(&m, IFLA_IFNAME, host);
	message_u32(&m, IFLA_NET_NS_FD, (uint32_t)netns);
	message_nest_end(&m, other);
	message_nest_end(&m, data);
	message_nest_end(&m, info);
	return message_send(nl, &m, "RTM_NEWLINK %s veth %s", host, inside);
}
