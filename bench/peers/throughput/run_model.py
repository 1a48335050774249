"""Peer (c): onnxruntime in Python on Oddflow's own model file.

    python run_model.py MODEL FOLDER BATCHES THREADS SECONDS

FOLDER holds flows.f32 (row-major, coded) and scores.f32, what Oddflow makes of them.

One session, `intra_op_num_threads` as given, the score alone, a batch a call, as `scorer.score` of Oddflow does. A call of
more than 4,096 flows is also cut into calls of 4,096 here, since that is faster: whichever of the two takes less counts.
A case runs for so many SECONDS each time it is asked for, once at least.
"""

import os
import sys

from case_process import missing_package, say, serve, time_runs

PIECE = 4096


def main():
    missing = missing_package(["numpy", "onnxruntime"])
    if missing is not None:
        say({"skipped": missing})
        return
    import numpy

    # On Linux it sends telemetry by default; to be set before the import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    model, folder = sys.argv[1:3]
    batches, threads = [int(batch) for batch in sys.argv[3].split(",")], int(sys.argv[4])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    flows_input = session.get_inputs()[0]
    flows = numpy.fromfile(f"{folder}/flows.f32", numpy.float32).reshape(-1, flows_input.shape[1])
    expected = numpy.fromfile(f"{folder}/scores.f32", numpy.float32)

    def score(batch, piece):
        scores = numpy.empty(batch, numpy.float32)

        def run():
            for first in range(0, batch, piece):
                end = min(first + piece, batch)
                scores[first:end] = session.run(["score"], {flows_input.name: flows[first:end]})[0]

        run()
        numpy.testing.assert_allclose(scores, expected[:batch], rtol=1e-4, atol=1e-4)
        return run

    cases = {}
    for batch in batches:
        runs = [score(batch, piece) for piece in sorted({batch, min(batch, PIECE)})]
        cases[f"batch {batch:,}"] = (batch, min(runs, key=lambda run: sorted(time_runs(run))[0]))
    versions = {"onnxruntime for Python": onnxruntime.__version__}
    serve(cases, versions, float(sys.argv[5]))


main()
