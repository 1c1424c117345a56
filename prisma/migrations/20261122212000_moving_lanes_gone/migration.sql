-- Written by hand. lane_health_again_idx has these lanes by now. On its own: nobody may even read while an index is dropped.
DROP INDEX "lane_health_moving_idx";
