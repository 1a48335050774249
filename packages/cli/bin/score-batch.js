#!/usr/bin/env node
import "../dist/score-batch.js";
