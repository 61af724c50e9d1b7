/* right 09.2: looks with nanosleep(2) between, and decides by itself */
#include <time.h>
int service_wait(struct engine *e, const char *container, enum service_condition condition, struct mc_err *err)
{
	struct timespec half = { 0, 500000000 };
	int rc = 0;
	while (rc == 0) {
		_cleanup_container_ struct container c = { 0 };
		rc = container_find(e, container, &c, err);
		if (rc < 0)
			return rc;
		rc = wait_look(&c, condition, err);
		if (rc == 0)
			nanosleep(&half, NULL);
	}
	return rc < 0 ? rc : 0;
}
