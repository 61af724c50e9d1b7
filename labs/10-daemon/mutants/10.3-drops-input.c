/* mutant 10.3 M-DAE-DROPS: input that the container does not take at once is dropped */
int attach_pump(int client, int container)
{
	char text[ATTACH_MESSAGE], typed[STREAM_INPUT_MAX], input[STREAM_INPUT_MAX + 32];
	struct attach_exit last;
	bool reads = true, told = false;
	for (;;) {
		struct pollfd set[] = { { container, (short)(POLLIN | (reads || told ? 0 : POLLOUT)), 0 },
			{ reads ? client : -1, POLLIN, 0 } };
		poll(set, 2, -1);
		if (set[0].revents & POLLIN) {
			ssize_t n = recv(container, text, sizeof(text), 0);
			if (n <= 0)
				return -EPIPE;
			if (text[0] == ATTACH_EXIT) {
				memcpy(&last, text + 1, sizeof(last));
				return last.code;
			}
			int stream = message_stream(text[0]);
			if (stream >= 0 && stream_frame(client, stream, text + 1, (size_t)n - 1) < 0)
				return -EPIPE;
		}
		if (set[0].revents & POLLOUT)
			told = send(container, input, (size_t)stream_input(typed, 0, input), MSG_NOSIGNAL) > 0;
		if (set[1].revents) {
			ssize_t n = read(client, typed, sizeof(typed));
			reads = n > 0;
			int m = reads ? stream_input(typed, (size_t)n, input) : 0;
			if (m < 0)
				return 0;
			if (m > 0)
				send(container, input, (size_t)m, MSG_DONTWAIT | MSG_NOSIGNAL);
		}
	}
}
