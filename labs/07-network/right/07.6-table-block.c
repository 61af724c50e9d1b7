/* right 07.6: one command for both kinds */
int publish_rules(const struct port *p, struct text *nft)
{
	char host[ADDRESS_TEXT], container[ADDRESS_TEXT];
	bool any = address_is_any(&p->host);
	address_text(&p->host, host);
	text_line(nft, "add element inet %s port%s_%s { %s%s%s . %u : %s . %u }", p->table,
		p->container.family == AF_INET6 ? "6" : "4", any ? "any" : "at", any ? "" : host,
		any ? "" : " . ", p->protocol, p->host_port, address_text(&p->container, container),
		p->container_port);
	return 0;
}
