/* mutant 07.4 M-ADDR-SELF: its own address is the gateway */
int address_and_route(int nl, const struct lease *l)
{
	const struct subnet *addresses[] = { &l->address4, &l->address6 };
	const struct address *gateways[] = { &l->gateway4, &l->gateway6 };
	int index = link_index(nl, l->ifname), rc = index < 0 ? index : 0;
	for (int i = 0; rc >= 0 && i < 2; i++) {
		const struct address *a = &addresses[i]->address;
		struct ifaddrmsg msg = { .ifa_family = (uint8_t)a->family,
			.ifa_prefixlen = (uint8_t)addresses[i]->prefix,
			.ifa_index = (unsigned)index };
		struct message m;
		if (!a->family)
			continue;
		message_begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &msg, sizeof(msg));
		message_attribute(&m, IFA_LOCAL, a->bytes, address_bytes(a));
		message_attribute(&m, IFA_ADDRESS, a->bytes, address_bytes(a));
		rc = message_send(nl, &m, "RTM_NEWADDR %s", l->ifname);
	}
	if (rc >= 0)
		rc = link_up(nl, l->ifname);
	for (int i = 0; rc >= 0 && i < 2; i++)
		if (gateways[i]->family)
			rc = bridge_default_route(nl, &addresses[i]->address, index);
	return rc;
}
