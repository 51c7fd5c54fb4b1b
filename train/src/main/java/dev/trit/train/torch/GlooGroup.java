package dev.trit.train.torch;

import java.time.Duration;
import java.util.List;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;

/** libtorch's process group over Gloo: processes that find each other at one address and add tensors up. */
public final class GlooGroup implements AutoCloseable {
    private final TCPStore store;
    private final ProcessGroupGloo group;
    private final int count;

    /**
     * Waits until all processes have come.
     *
     * @param rank of this process; number 0 listens at {@code host:port}
     * @param timeout of meeting and of every sum
     * @throws RuntimeException libtorch's, if they do not meet in time
     */
    public GlooGroup(int rank, int count, String host, int port, Duration timeout) {
        this.count = count;
        Milliseconds limit = new Milliseconds(timeout.toMillis());
        // waitWorkers stays off: its number of workers is bound as the wrong type.
        this.store = new TCPStore(
                host,
                new TCPStoreOptions()
                        .port((short) port)
                        .isServer(rank == 0)
                        .waitWorkers(false)
                        .timeout(limit));
        ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(limit);
        options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(host)));
        this.group = new ProcessGroupGloo(store, rank, count, options);
    }

    /**
     * Replaces every tensor by its mean over all processes, in one exchange.
     *
     * @throws RuntimeException libtorch's, if a process is gone or late
     */
    public void average(List<Tensor> tensors) {
        try (Scope scope = new Scope()) {
            Torch.noGrad(() -> {
                Tensor all = Tensor.flatten(tensors);
                Work work = group.allreduce(new TensorVector(all.handle()));
                work._wait();
                all.mul_(1.0 / count);
                long at = 0;
                for (Tensor tensor : tensors) {
                    tensor.copy_(all.narrow(0, at, tensor.numel()).reshape(tensor.shape()));
                    at += tensor.numel();
                }
            });
        }
    }

    @Override
    public void close() {
        group.close();
        store.close();
    }
}
