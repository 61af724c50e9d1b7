/* mutant 07.6 M-PUB-SWAP: host and container port are swapped */
int publish_rules(const struct port *p, struct text *nft)
{
	char host[ADDRESS_TEXT], container[ADDRESS_TEXT];
	char family = p->container.family == AF_INET ? '4' : '6';
	address_text(&p->container, container);
	address_text(&p->host, host);
	if (address_is_any(&p->host))
		text_line(nft, "add element inet %s port%c_any { %s . %u : %s . %u }", p->table, family,
			p->protocol, p->container_port, container, p->host_port);
	else
		text_line(nft, "add element inet %s port%c_at { %s . %s . %u : %s . %u }", p->table, family,
			host, p->protocol, p->container_port, container, p->host_port);
	return 0;
}
