/*
 * process_words.c - why a program could not be run, in the words that docker, podman and containerd look
 * for, and with the exit status that they turn them into: 127 for what is not there, 126 for what cannot be
 * executed.
 *
 * They compare text, in small letters as Go writes it: "no such file or directory", never strerror(3)'s.
 */
#include "runtime/process.h"

#include <errno.h>
#include <string.h>

int process_missing(struct mc_err *err, const char *name, int code)
{
	if (code == -ENOENT || code == -ENOTDIR) {
		if (strchr(name, '/'))
			err_set(err, ENOENT, "exec: \"%s\": stat %s: no such file or directory", name, name);
		else
			err_set(err, ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
		return err_exit(err, 127);
	}
	if (code == -EACCES || code == -EPERM)
		err_set(err, EACCES, "exec: \"%s\": permission denied", name);
	else
		err_code(err, code, "exec: \"%s\"", name);
	return err_exit(err, 126);
}

int process_refused(struct mc_err *err, const char *file, int code)
{
	if (code == -ENOENT) {
		err_set(err, ENOENT, "exec: \"%s\": no such file or directory", file);
		err_hint(err, "the file is there: it names an interpreter (\"#!\", or a dynamic loader) that "
			      "is not");
		return err_exit(err, 127);
	}
	if (code != -ENOEXEC)
		return process_missing(err, file, code);
	err_set(err, ENOEXEC, "exec: \"%s\": exec format error", file);
	err_hint(err,
		"it is a program for another kind of machine, or a script without \"#!\" in its first line");
	return err_exit(err, 126);
}
