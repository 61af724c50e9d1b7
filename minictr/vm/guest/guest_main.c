/*
 * guest/guest_main.c - minictr-guest: the first program in the virtual machine.
 *
 * The kernel of the guest unpacks the initramfs and runs /init: this program, as process 1. Compare with
 * runtime/init.c, which is process 1 of a container: there the host's kernel goes on serving, and init
 * only changes what it can see. Here a kernel has just been started, and there is nothing to see at all.
 *
 *     mount /proc, /sys, /dev        the kernel's own views
 *     load modules                   drivers for the disk and the port to the host
 *     mount the disk, the shares     the image's file system, the -v directories
 *     hostname, loopback, eth0
 *     move all of it to /            switch_root(8), without its program
 *     serve the host                 start programs, carry their bytes, tell how they ended
 *     power off                      the end of the machine is the end of qemu
 *
 * Without a port to the host (qemu started by hand, see tutorial/13-vm.md) it runs the program that stands
 * behind "--" on the kernel's command line, on the console.
 */
#include "vm/guest/guest.h"

#include <fcntl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/explain.h"
#include "vm/channel.h"

static const struct boot_step {
	int (*run)(struct mc_err *err);
	const char *what;
} steps[] = {
	{ boot_modules, "drivers" },
	{ boot_root, "the image's file system" },
	{ boot_shares, "directories of the host" },
	{ boot_network, "the network" },
	{ boot_enter_root, "the new root" },
};

/* A process 1 that ends is a kernel panic: power off instead, whatever happened. */
static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	/* No ACPI: a reset ends qemu as well, which was started with -no-reboot. */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void say_failed(int port, const struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	fprintf(stderr, "minictr-guest: %s\n", err->what);
	if (port < 0)
		return;
	frame_add(&b, FRAME_FAILED, 0, err->what, strlen(err->what));
	for (int i = 0; b.len && i < 500 && channel_write(port, &b) == 0; i++)
		usleep(10000);
	/* The host ends this machine when it has read the sentence. */
	sleep(5);
}

/* No port: the console is all there is. */
static void run_on_console(char **argv)
{
	int status = 0;
	struct termios t;
	/* A console ends lines with a carriage return for people; a program that reads it wants the bytes. */
	if (tcgetattr(1, &t) == 0) {
		t.c_oflag &= (tcflag_t)~OPOST;
		tcsetattr(1, TCSANOW, &t);
	}
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		fprintf(stderr, "minictr-guest: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(-1, &status, 0) != pid)
		;
	tcdrain(1);
	if (status)
		fprintf(stderr, "minictr-guest: %s ended, exit status %d\n", argv[0],
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };
	explain_init("guest");
	if (getpid() != 1) {
		fprintf(stderr,
			"minictr-guest is the first process of a virtual machine: `minictr vm run`\n");
		return 1;
	}
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/", 1);
	int rc = boot_kernel_mounts(&err), port = -1;
	/* The drivers first: the port itself needs some. */
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(steps); i++) {
		rc = steps[i].run(&err);
		if (rc < 0)
			err_wrap(&err, "%s", steps[i].what);
		if (i == 0 && rc >= 0)
			port = boot_channel(&err);
	}
	if (rc < 0)
		say_failed(port, &err);
	else if (port >= 0)
		sessions_serve(port);
	else if (argc > 1)
		run_on_console(argv + 1);
	power_off();
}
