#!/usr/bin/env node
import "../bundle/score-batch.js";
