/*
 * 07-links.c - what a new network namespace reaches: nothing, then itself,
 * then an address of its own. As root.
 * Build: cc -o links 07-links.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in place(const char *ip)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = inet_addr(ip) };
}

/* connect(2) of a datagram socket sends nothing: it only asks the kernel
 * for a way. */
static void reach(const char *when, const char *ip)
{
	struct sockaddr_in to = place(ip);
	int sock = socket(AF_INET, SOCK_DGRAM, 0),
		rc = connect(sock, (struct sockaddr *)&to, sizeof(to));
	printf("%-20s %-10s %s\n", when, ip,
		rc < 0 ? strerror(errno) : "there is a way");
	close(sock);
}

int main(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return perror("unshare"), 1;
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP },
				 address = { .ifr_name = "lo:1" };
	struct sockaddr_in own = place("10.7.0.1");
	memcpy(&address.ifr_addr, &own, sizeof(own));
	reach("new:", "127.0.0.1");
	if (ioctl(sock, SIOCSIFFLAGS, &up) < 0)
		return perror("lo up"), 1;
	reach("lo is up:", "127.0.0.1");
	reach("lo is up:", "10.7.0.1");
	if (ioctl(sock, SIOCSIFADDR, &address) < 0)
		return perror("address"), 1;
	reach("with an address:", "10.7.0.1");
	reach("with an address:", "192.0.2.1");
	return 0;
}
