/* mutant 07.3 M-BR-MASTER: both are up, and not joined */
int bridge_attach(int nl, const char *bridge, const char *port)
{
	int rc = link_up(nl, bridge);
	return rc < 0 ? rc : link_up(nl, port);
}
