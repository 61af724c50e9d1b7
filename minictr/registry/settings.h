/*
 * settings.h - what holds for every conversation with registries in this process: the `registry` part of
 * the engine's config file and the flags of the command. Filled once by the verb before anything else of
 * this floor runs, read-only afterwards.
 *
 * The file is JSON with dockerd's own key names, so that what is learned here carries over. Looked for in
 * $MINICTR_CONFIG, else /etc/minictr/config.json (root), else $XDG_CONFIG_HOME/minictr/config.json. Other
 * floors read their own keys from the same file; unknown keys are left alone.
 *     {
 *       "registry-mirrors": ["http://teacher:5000"],      asked first for docker.io images, pull only
 *       "insecure-registries": ["lab:5000", "10.0.0.0/8"], plain HTTP or unverified TLS allowed
 *       "max-concurrent-downloads": 3,
 *       "max-concurrent-uploads": 3,
 *       "max-download-attempts": 5,
 *       "registry-timeout": 30,                           seconds of silence that break a connection
 *       "max-blob-size": "64g"                            larger layers are refused
 *       "upload-chunk-size": "16m",                       blobs go up in pieces, for proxies with limits
 *       "search-index": "https://index.docker.io"         what `search TERM` asks
 *     }
 */
#ifndef MC_REGISTRY_SETTINGS_H
#define MC_REGISTRY_SETTINGS_H

#include <stdatomic.h>
#include "base/err.h"
#include "registry/manifest.h"

struct progress;

struct registry_settings {
	char **mirrors;     /* base addresses */
	char **insecure;    /* hosts, host:port, or CIDR */
	uint64_t downloads; /* at a time */
	uint64_t uploads;   /* at a time */
	uint64_t attempts;  /* per request */
	uint64_t stall_seconds;
	uint64_t max_blob;         /* bytes */
	uint64_t chunk;            /* bytes per upload request; 0: each blob in one piece */
	char *index;               /* where `search` asks; NULL: the Hub; owned */
	bool tls_skip;             /* --tls-verify=false: every registry is as if listed as insecure */
	struct platform platform;  /* --platform, else this machine's */
	char *creds;               /* --creds USER:PASSWORD; NULL for the credential file; owned */
	struct progress *progress; /* is told how it goes; NULL: none; borrowed */
	atomic_bool cancel;        /* set by a signal handler: everything ends soon */
};

/* Reads the config file into the process's settings (defaults when there is none). -EINVAL names the key. */
int registry_settings_load(struct mc_err *err);
/* The process's settings; never NULL. Only the verb that starts the work writes through it, before. On this
 * floor remote_open() takes it once, as the context of a conversation. */
struct registry_settings *registry_settings(void);
/* Does a host[:port] fall under insecure-registries (or loopback)? */
bool registry_is_insecure(const char *host);

#endif
