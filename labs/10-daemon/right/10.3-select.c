/* right 10.3: select(2), and a container that takes no input is asked again when it can */
#include <sys/select.h>
int attach_pump(int client, int container)
{
	static char text[ATTACH_MESSAGE], typed[4096], input[4096 + 32];
	int waiting = 0, most = client > container ? client : container;
	bool ended = false;
	for (;;) {
		fd_set reads, writes;
		FD_ZERO(&reads);
		FD_ZERO(&writes);
		FD_SET(container, &reads);
		if (waiting)
			FD_SET(container, &writes);
		else if (!ended)
			FD_SET(client, &reads);
		if (select(most + 1, &reads, &writes, NULL, NULL) < 0)
			continue;
		if (FD_ISSET(client, &reads)) {
			ssize_t n = recv(client, typed, sizeof(typed), 0);
			ended = n <= 0;
			waiting = stream_input(typed, ended ? 0 : (size_t)n, input);
			if (waiting < 0)
				return 0;
		}
		if (waiting && send(container, input, (size_t)waiting, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			waiting = 0;
		if (!FD_ISSET(container, &reads))
			continue;
		ssize_t n = read(container, text, sizeof(text));
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		if (*text == ATTACH_EXIT) {
			struct attach_exit e;
			memcpy(&e, text + 1, sizeof(e));
			return e.code;
		}
		int rc = message_stream(*text) < 0 ? 0 : stream_frame(client, message_stream(*text), text + 1, (size_t)n - 1);
		if (rc < 0)
			return rc;
	}
}
