/* mutant 10.3 M-DAE-HALF: the end of the client's input ends the pump */
int attach_pump(int client, int container)
{
	char text[ATTACH_MESSAGE], typed[STREAM_INPUT_MAX], input[STREAM_INPUT_MAX + 32];
	for (;;) {
		struct pollfd set[] = { { container, POLLIN, 0 }, { client, POLLIN, 0 } };
		poll(set, 2, -1);
		if (set[0].revents) {
			ssize_t n = recv(container, text, sizeof(text), 0);
			if (n <= 0)
				return -EPIPE;
			int stream = message_stream(text[0]);
			if (stream >= 0 && stream_frame(client, stream, text + 1, (size_t)n - 1) < 0)
				return -EPIPE;
			continue;
		}
		ssize_t n = read(client, typed, sizeof(typed));
		int m = stream_input(typed, n > 0 ? (size_t)n : 0, input);
		if (m > 0)
			send(container, input, (size_t)m, MSG_NOSIGNAL);
		if (n <= 0)
			return 0;
	}
}
