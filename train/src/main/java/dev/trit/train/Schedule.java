package dev.trit.train;

/**
 * Learning rate and weight decay of each step, s = 0 ... S-1, with w steps of warm-up and h = S / 2.
 *
 * <p>{@code two-stage} (b1.58's training tips, figures 1c and 1d): the rate climbs to p1 along (s + 1) / w, then follows p1
 * (1 - s / S), and from h on p2 (1 - s / S); decay is on in the first half and off in the second. {@code cosine} (2B4T): the
 * same switch between two half cosines p (1 + cos(pi s / S)) / 2; decay falls along a cosine of its own to nothing at h.
 * {@code linear}: p1 (1 - s / S) with constant decay, what full-precision models are trained with.
 */
public record Schedule(String form, int steps, int warmup, double peak, double peak2, double decay) {
    /** @throws TrainException for another form */
    public Schedule {
        if (!form.equals("two-stage") && !form.equals("cosine") && !form.equals("linear")) {
            throw new TrainException("unknown schedule: expected two-stage, cosine or linear, got " + form);
        }
    }

    static Schedule of(Recipe r) {
        return new Schedule(r.schedule(), r.steps(), r.warmup(), r.peak(), r.peak2(), r.weightDecay());
    }

    /** Learning rate of step {@code s}, counted from 0. */
    public double learningRate(int s) {
        if (s < warmup) {
            return peak * (s + 1) / warmup;
        }
        double done = (double) s / steps;
        double top = secondHalf(s) && !form.equals("linear") ? peak2 : peak;
        return form.equals("cosine") ? top * (1 + Math.cos(Math.PI * done)) / 2 : top * (1 - done);
    }

    /** Weight decay of step {@code s}; AdamW multiplies it by the learning rate. */
    public double weightDecay(int s) {
        return switch (form) {
            case "linear" -> decay;
            case "cosine" -> secondHalf(s) ? 0 : decay * (1 + Math.cos(Math.PI * 2 * s / steps)) / 2;
            default -> secondHalf(s) ? 0 : decay;
        };
    }

    private boolean secondHalf(int s) {
        return 2L * s >= steps;
    }
}
