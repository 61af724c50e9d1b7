/* mutant 10.3 M-DAE-SPINS: looks every 5 ms */
int attach_pump(int client, int container)
{
	char text[ATTACH_MESSAGE], typed[STREAM_INPUT_MAX], input[STREAM_INPUT_MAX + 32];
	struct attach_exit last;
	int n_input = 0;
	bool reads = true;
	for (;;) {
		struct pollfd set[] = { { container, (short)(POLLIN | (n_input ? POLLOUT : 0)), 0 },
			{ reads && !n_input ? client : -1, POLLIN, 0 } };
		if (poll(set, 2, 5) < 0)
			continue;
		if (set[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			ssize_t n = recv(container, text, sizeof(text), 0);
			if (n <= 0)
				return -EPIPE;
			if (text[0] == ATTACH_EXIT && (size_t)n == 1 + sizeof(last)) {
				memcpy(&last, text + 1, sizeof(last));
				return last.code;
			}
			int stream = message_stream(text[0]);
			if (stream >= 0 && stream_frame(client, stream, text + 1, (size_t)n - 1) < 0)
				return -EPIPE;
		}
		if (n_input && (set[0].revents & POLLOUT) &&
			send(container, input, (size_t)n_input, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			n_input = 0;
		if (set[1].revents) {
			ssize_t n = read(client, typed, sizeof(typed));
			reads = n > 0;
			n_input = stream_input(typed, n > 0 ? (size_t)n : 0, input);
			if (n_input < 0)
				return 0;
		}
	}
}
