package dev.trit.train.torch;

import dev.trit.train.TrainException;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * libtorch in this process: loading, threads, the device that tensors are made on, and whether gradients are recorded.
 *
 * <p>libtorch keeps state per thread: one thread trains.
 */
public final class Torch {
    private static Device device = loadCpu();

    private Torch() {}

    private static Device loadCpu() {
        try {
            Loader.load(torch.class);
        } catch (UnsatisfiedLinkError e) {
            throw new TrainException(
                    "libtorch cannot be loaded on this machine (%s): training needs Linux or Windows on x86-64, or macOS"
                            .formatted(e.getMessage()),
                    e);
        }
        return new Device(torch.DeviceType.CPU).retainReference();
    }

    /**
     * Chooses where tensors are made from now on.
     *
     * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws TrainException if there is no such device
     */
    public static void device(String name) {
        if (name.equals("cpu")) {
            device = new Device(torch.DeviceType.CPU).retainReference();
            return;
        }
        if (!name.matches("cuda(:\\d{1,3})?")) {
            throw new TrainException("unknown device: expected cpu, cuda or cuda:N, got " + name);
        }
        if (!torch.cuda_is_available()) {
            throw new TrainException(
                    "no CUDA device: expected an NVIDIA GPU, its driver, and libtorch's CUDA natives, which"
                            + " TRIT_TORCH=cuda builds in; train with --device cpu otherwise");
        }
        byte index = name.length() > 5 ? Byte.parseByte(name.substring(5)) : 0;
        device = new Device(torch.DeviceType.CUDA, index).retainReference();
    }

    /** Whether tensors live in the memory of a GPU. */
    public static boolean onGpu() {
        return device.is_cuda();
    }

    static Device device() {
        return device;
    }

    /** Threads that one operation is split over. Results may differ in their last bits from those of another number. */
    public static void threads(int threads) {
        torch.set_num_threads(threads);
    }

    public static int threads() {
        return torch.get_num_threads();
    }

    /** Runs {@code work} without recording gradients. */
    public static <T> T noGrad(Supplier<T> work) {
        try (NoGradGuard off = new NoGradGuard()) {
            return work.get();
        }
    }

    /** Runs {@code work} without recording gradients. */
    public static void noGrad(Runnable work) {
        try (NoGradGuard off = new NoGradGuard()) {
            work.run();
        }
    }

    static TensorOptions options(torch.ScalarType type) {
        return new TensorOptions(type).device(new DeviceOptional(device));
    }

    static ScalarTypeOptional sameType() {
        return new ScalarTypeOptional();
    }

    /** Gives memory that a GPU's allocator holds in reserve back to the driver. */
    public static void emptyCache() {
        if (onGpu()) {
            torch_cuda.getAllocator().emptyCache();
        }
    }

    /**
     * What this machine's matrix product reaches, the yardstick of a training step: the best of a few products of the
     * shape [2048, 512] x [512, 512].
     *
     * @return floating-point operations per second (a multiply-add counts two)
     */
    public static double gemmFlops() {
        try (Scope scope = new Scope()) {
            Tensor a = Tensor.zeros(2048, 512).add(1);
            Tensor b = Tensor.zeros(512, 512).add(1);
            double best = 0;
            for (int i = 0; i < 12; i++) {
                long began = System.nanoTime();
                double sum = noGrad(() -> a.linear(b)).mean().item();
                if (sum != 512) {
                    throw new TrainException("libtorch's matrix product is wrong: expected 512, got " + sum);
                }
                best = Math.max(best, 2.0 * 2048 * 512 * 512 / ((System.nanoTime() - began) * 1e-9));
            }
            return best;
        }
    }
}
