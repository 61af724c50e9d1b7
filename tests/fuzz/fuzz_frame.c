/*
 * fuzz_frame.c - any bytes as what a hostile guest writes on its wire: frames are whole and bounded, or the wire is cut.
 */
#include "vm/channel.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = { 0 }, again = { 0 };
	struct frame_head head;
	const char *payload;
	int rc;
	/* In two parts, as read(2) gives them: what was incomplete must become whole with the rest. */
	buf_add(&b, data, size / 2);
	for (int part = 0; part < 2; part++) {
		while ((rc = frame_next(&b, &head, &payload)) > 0) {
			if (head.len > FRAME_MAX || head.session >= SESSION_MAX || payload + head.len > b.data + b.len)
				abort();
			frame_add(&again, head.type, head.session, payload, head.len);
			frame_done(&b, &head);
		}
		if (rc < 0)
			break;
		buf_add(&b, data + size / 2, part ? 0 : size - size / 2);
	}
	/* What was accepted is written as it was read. */
	if (again.len > size || (again.len && memcmp(again.data, data, again.len)))
		abort();
	buf_release(&b);
	buf_release(&again);
	return 0;
}
