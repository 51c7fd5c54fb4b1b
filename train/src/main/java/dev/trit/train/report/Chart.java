package dev.trit.train.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines over common axes as an SVG element; colours come from the page ({@code --c0}, {@code --c1}, ...). */
final class Chart {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 300;
    private static final int LEFT = 64;
    private static final int RIGHT = 12;
    private static final int TOP = 14;
    private static final int BOTTOM = 40;
    private static final int MOST_POINTS = 800;

    /**
     * @param name for the pointer that rests on the line
     * @param color number of the page's colour
     * @param dots whether each point is marked: few points
     * @param faint whether it stands behind the others
     */
    private record Line(String name, int color, boolean dots, boolean faint, double[] x, double[] y) {}

    private final String title;
    private final String xTitle;
    private final boolean log;
    private final List<Line> lines = new ArrayList<>();

    /** @param log whether the vertical axis is logarithmic */
    Chart(String title, String xTitle, boolean log) {
        this.title = title;
        this.xTitle = xTitle;
        this.log = log;
    }

    /** Points that are not finite, or not above 0 on a logarithmic axis, are left out. */
    Chart line(String name, int color, boolean dots, boolean faint, double[] x, double[] y) {
        int n = 0;
        double[] xs = new double[x.length];
        double[] ys = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            if (Double.isFinite(y[i]) && (!log || y[i] > 0)) {
                xs[n] = x[i];
                ys[n++] = y[i];
            }
        }
        if (n > 0) {
            lines.add(thinned(new Line(
                    name, color, dots, faint, java.util.Arrays.copyOf(xs, n), java.util.Arrays.copyOf(ys, n))));
        }
        return this;
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Means of neighbours, so that a long run does not make a large page. */
    private static Line thinned(Line line) {
        int n = line.x().length;
        if (n <= MOST_POINTS) {
            return line;
        }
        double[] x = new double[MOST_POINTS];
        double[] y = new double[MOST_POINTS];
        for (int p = 0; p < MOST_POINTS; p++) {
            int from = (int) ((long) p * n / MOST_POINTS);
            int to = (int) ((long) (p + 1) * n / MOST_POINTS);
            for (int i = from; i < to; i++) {
                x[p] += line.x()[i] / (to - from);
                y[p] += line.y()[i] / (to - from);
            }
        }
        return new Line(line.name(), line.color(), line.dots(), line.faint(), x, y);
    }

    String svg() {
        double x0 = Double.POSITIVE_INFINITY;
        double x1 = Double.NEGATIVE_INFINITY;
        double y0 = Double.POSITIVE_INFINITY;
        double y1 = Double.NEGATIVE_INFINITY;
        for (Line line : lines) {
            for (int i = 0; i < line.x().length; i++) {
                x0 = Math.min(x0, line.x()[i]);
                x1 = Math.max(x1, line.x()[i]);
                y0 = Math.min(y0, scale(line.y()[i]));
                y1 = Math.max(y1, scale(line.y()[i]));
            }
        }
        double margin = y1 > y0 ? (y1 - y0) * 0.04 : Math.max(1e-9, Math.abs(y1) * 0.05);
        Axes axes = new Axes(x0, x1 > x0 ? x1 : x0 + 1, y0 - margin, y1 + margin);
        StringBuilder out = new StringBuilder("<figure><figcaption>")
                .append(Html.text(title))
                .append("</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
                        .formatted(WIDTH, HEIGHT, Html.text(title)));
        grid(out, axes);
        lines.stream().filter(Line::faint).forEach(l -> draw(out, axes, l));
        lines.stream().filter(l -> !l.faint()).forEach(l -> draw(out, axes, l));
        return out.append("</svg></figure>\n").toString();
    }

    private double scale(double y) {
        return log ? Math.log10(y) : y;
    }

    private record Axes(double x0, double x1, double y0, double y1) {
        double x(double value) {
            return LEFT + (value - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT);
        }

        double y(double value) {
            return HEIGHT - BOTTOM - (value - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM);
        }
    }

    private void draw(StringBuilder out, Axes axes, Line line) {
        out.append("<g class=\"%s\" style=\"--c:var(--c%d)\"><title>%s</title><polyline points=\""
                .formatted(line.faint() ? "faint" : "line", line.color(), Html.text(line.name())));
        for (int i = 0; i < line.x().length; i++) {
            out.append(point(axes, line, i)).append(' ');
        }
        out.append("\"/>");
        if (line.dots()) {
            for (int i = 0; i < line.x().length; i++) {
                String[] at = point(axes, line, i).split(",");
                out.append("<circle cx=\"%s\" cy=\"%s\" r=\"3\"><title>%s: %s at %s</title></circle>"
                        .formatted(
                                at[0],
                                at[1],
                                Html.text(line.name()),
                                Html.number(line.y()[i]),
                                Html.number(line.x()[i])));
            }
        }
        out.append("</g>");
    }

    private String point(Axes axes, Line line, int i) {
        return String.format(Locale.ROOT, "%.1f,%.1f", axes.x(line.x()[i]), axes.y(scale(line.y()[i])));
    }

    private void grid(StringBuilder out, Axes axes) {
        for (double tick : ticks(axes.x0(), axes.x1(), 7)) {
            text(out, axes.x(tick), HEIGHT - BOTTOM + 16, "middle", Html.number(tick));
        }
        for (double tick : log ? decades(axes.y0(), axes.y1()) : ticks(axes.y0(), axes.y1(), 6)) {
            double y = axes.y(log ? Math.log10(tick) : tick);
            out.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
                    LEFT,
                    WIDTH - RIGHT,
                    y,
                    y));
            text(out, LEFT - 6, y + 4, "end", Html.number(tick));
        }
        text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "middle", xTitle);
    }

    private static void text(StringBuilder out, double x, double y, String anchor, String text) {
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
                x,
                y,
                anchor,
                Html.text(text)));
    }

    /** Round numbers in the range, about {@code count} of them: 1, 2 or 5 times a power of ten apart. */
    static List<Double> ticks(double from, double to, int count) {
        double rough = (to - from) / count;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(from / step); i * step <= to; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /** 1, 2 and 5 times each power of ten between 10^from and 10^to; only the powers where they are many. */
    static List<Double> decades(double from, double to) {
        List<Double> ticks = new ArrayList<>();
        double[] digits = to - from > 3 ? new double[] {1} : new double[] {1, 2, 5};
        for (int power = (int) Math.floor(from); power <= to; power++) {
            for (double digit : digits) {
                double tick = digit * Math.pow(10, power);
                if (Math.log10(tick) >= from && Math.log10(tick) <= to) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
