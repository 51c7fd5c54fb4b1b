package dev.trit.model;

import dev.trit.model.Profile.Laps;
import dev.trit.model.Profile.Part;
import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.KvRows;
import dev.trit.tensor.TernaryWeights;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kernels of a model, each verb of which tells a stopwatch what begins. */
final class ProfiledKernels implements Kernels {
    private final Kernels kernels;
    private final Laps laps;
    private final @Nullable FloatTensor head;

    ProfiledKernels(Model model, Laps laps) {
        this.kernels = model.kernels();
        this.laps = laps;
        this.head = model.weights().head() instanceof Linear.Dense dense ? dense.weights() : null;
    }

    @Override
    public String name() {
        return kernels.name();
    }

    @Override
    public String description() {
        return kernels.description();
    }

    @Override
    public TernaryWeights.Layout layout() {
        return kernels.layout();
    }

    @Override
    public List<TernaryWeights.Layout> layouts() {
        return kernels.layouts();
    }

    /** Bytes of that many floats, each read or written once. */
    private static long floats(long n) {
        return n * Float.BYTES;
    }

    @Override
    public void quantize(float[] x, int at, ActivationRows out, int row) {
        laps.enter(Part.QUANTIZE, floats(out.cols()) + 3L * out.cols()); // bytes and shorts
        kernels.quantize(x, at, out, row);
    }

    @Override
    public void ternaryMatmul(TernaryWeights w, ActivationRows x, int from, int to, float[] y, int yStride) {
        long outputs = (long) x.rows() * (to - from);
        laps.enter(Part.TERNARY, w.bytes() * (to - from) / w.rows() + (long) x.rows() * x.cols() + floats(outputs));
        kernels.ternaryMatmul(w, x, from, to, y, yStride);
    }

    @Override
    public void matmul(
            FloatTensor w, float[] x, int xAt, int xStride, int tokens, int from, int to, float[] y, int yStride) {
        long vectors = (long) tokens * w.cols() + (long) tokens * (to - from);
        laps.enter(w == head ? Part.HEAD : Part.DENSE, w.rowBytes() * (to - from) + floats(vectors));
        kernels.matmul(w, x, xAt, xStride, tokens, from, to, y, yStride);
    }

    @Override
    public void screen(HeadScreen w, ActivationRows x, int from, int to, float[] y, int yStride) {
        long outputs = (long) x.rows() * (to - from);
        laps.enter(Part.HEAD, w.bytes() * (to - from) / w.rows() + (long) x.rows() * x.cols() + floats(outputs));
        kernels.screen(w, x, from, to, y, yStride);
    }

    @Override
    public void hadamard(float[] x, int at, int n) {
        laps.enter(Part.HEAD, floats(2L * n));
        kernels.hadamard(x, at, n);
    }

    @Override
    public void row(FloatTensor w, int row, float[] out, int at) {
        laps.enter(Part.EMBEDDING, w.rowBytes() + floats(w.cols()));
        kernels.row(w, row, out, at);
    }

    @Override
    public float dot(float[] a, int aAt, float[] b, int bAt, int n) {
        laps.enter(Part.DENSE, floats(2L * n));
        return kernels.dot(a, aAt, b, bAt, n);
    }

    @Override
    public void axpy(float alpha, float[] x, int xAt, float[] y, int yAt, int n) {
        laps.enter(Part.RESIDUAL, floats(3L * n));
        kernels.axpy(alpha, x, xAt, y, yAt, n);
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        laps.enter(Part.RESIDUAL, floats(3L * n));
        kernels.add(x, xAt, y, yAt, n);
    }

    @Override
    public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        laps.enter(Part.NORM, floats(3L * n));
        kernels.rmsNorm(x, xAt, gain, eps, y, yAt, n);
    }

    @Override
    public void softmax(float[] x, int at, int n) {
        laps.enter(Part.SOFTMAX, floats(2L * n));
        kernels.softmax(x, at, n);
    }

    @Override
    public void rope(float[] x, int at, int n, float[] cos, float[] sin, int csAt) {
        laps.enter(Part.ROPE, floats(3L * n));
        kernels.rope(x, at, n, cos, sin, csAt);
    }

    @Override
    public void swiglu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        laps.enter(Part.ACTIVATION, floats(3L * n));
        kernels.swiglu(gate, gAt, up, uAt, out, oAt, n);
    }

    @Override
    public void relu2glu(float[] gate, int gAt, float[] up, int uAt, float[] out, int oAt, int n) {
        laps.enter(Part.ACTIVATION, floats(3L * n));
        kernels.relu2glu(gate, gAt, up, uAt, out, oAt, n);
    }

    @Override
    public void store(float[] x, int at, KvRows out, int row) {
        laps.enter(Part.STORE, floats(out.cols()) + out.type().rowBytes(out.cols()));
        kernels.store(x, at, out, row);
    }

    @Override
    public void scores(
            float[] q,
            int qAt,
            int queries,
            KvRows keys,
            int row,
            int positions,
            float scale,
            float[] out,
            int at,
            int outStride,
            @Nullable KvRows next) {
        long vectors = (long) queries * (keys.cols() + positions);
        laps.enter(Part.SCORES, (long) positions * keys.type().rowBytes(keys.cols()) + floats(vectors));
        kernels.scores(q, qAt, queries, keys, row, positions, scale, out, at, outStride, next);
    }

    @Override
    public void mix(
            float[] weights,
            int at,
            int stride,
            int queries,
            KvRows values,
            int row,
            int positions,
            float[] out,
            int oAt,
            @Nullable KvRows next) {
        long vectors = (long) queries * (2L * values.cols() + positions);
        laps.enter(Part.MIX, (long) positions * values.type().rowBytes(values.cols()) + floats(vectors));
        kernels.mix(weights, at, stride, queries, values, row, positions, out, oAt, next);
    }
}
