/*
 * 10-ask.c SOCKET METHOD PATH: what a docker client does, in thirty lines.
 * A socket of this machine, one HTTP request by hand, and the answer's
 * first line and body as they came.
 * Build: gcc -o ask 10-ask.c
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[65536] = "";
	size_t n = 0;
	if (argc != 4 || strlen(argv[1]) >= sizeof(at.sun_path))
		return fprintf(stderr, "ask SOCKET METHOD PATH\n"), 2;
	strcpy(at.sun_path, argv[1]);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return perror(argv[1]), 1;
	dprintf(fd,
		"%s %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n",
		argv[2], argv[3]);
	for (ssize_t got; n < sizeof(text) - 1 &&
					  (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0;)
		n += (size_t)got; /* until the daemon closes: we asked it to */
	char *body = strstr(text, "\r\n\r\n");
	printf("%.*s\n%s\n", (int)strcspn(text, "\r\n"), text,
		body ? body + 4 : "");
	return strncmp(text, "HTTP/1.1 2", 10) != 0;
}
