/* mutant 13.5 -: run->io.count is ignored */
int kvm_loop(int vcpu, struct kvm_run *run, struct buf *out, struct mc_err *err)
{
	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "ioctl(KVM_RUN)");
		}
		if (run->exit_reason == KVM_EXIT_HLT)
			return 0;
		if (run->exit_reason != KVM_EXIT_IO)
			return err_set(err, EIO, "the guest stopped: KVM exit reason %u", run->exit_reason);
		/* The data lie behind the structure, in the same shared pages. */
		unsigned char *data = (unsigned char *)run + run->io.data_offset;
		size_t len = (size_t)run->io.size;
		if (run->io.direction == KVM_EXIT_IO_IN)
			memset(data, run->io.port == KVM_SERIAL_STATUS ? KVM_SERIAL_READY : 0xff, len);
		else if (run->io.port == KVM_SERIAL)
			buf_add(out, data, len);
	}
}
