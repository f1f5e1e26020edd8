//! The list of all tests.

/// Makes every test of the suite a test of one target.
#[macro_export]
macro_rules! instantiate {
    ($target:expr) => {
        $crate::tests_of! { $target;
            direct {
                write_stores_a_value
                write_stores_both_components
                rw_sees_the_old_value
                a_global_starts_from_its_value
                extremes_keep_what_is_already_beyond
                writes_by_the_program_are_seen
                a_loop_over_nothing_does_nothing
                every_size_of_set_is_covered_once
                a_write_left_out_keeps_the_old_value
                a_component_left_out_keeps_the_old_value
                increments_add_to_the_old_value
                extremes_combine_with_the_old_value
                several_dats_and_values_make_one_loop
            }
            indirect {
                write_reaches_every_element
                rw_reaches_every_element_once
                all_may_add_to_one_element
                all_may_lower_and_raise_one_element
                a_global_is_read_beside_a_map
                an_edge_reads_both_its_ends
                pairs_of_elements_add_to_one
                writes_through_a_permutation_arrive
                rw_through_a_permutation_arrives
                a_write_left_out_writes_zero
                an_increment_left_out_adds_nothing
                random_increments_are_counted_exactly
                a_hub_counts_all_its_spokes
                a_hub_knows_its_lowest_and_highest_spoke
                a_hub_is_changed_by_one_spoke_at_a_time
                one_of_several_writes_wins
                extremes_through_two_entries_of_a_random_map
                float_increments_are_those_of_a_plain_loop
                one_dat_is_reached_through_two_maps
                two_dats_on_two_sets_are_incremented_at_once
                a_loop_over_nothing_leaves_the_target_alone
            }
            vector_map {
                a_cell_reads_all_its_corners
                triangles_cover_the_unit_square
                increments_of_all_corners_are_counted_exactly
                increments_of_rows_are_counted_exactly
                extremes_of_all_corners
                rw_changes_all_corners
                write_fills_all_corners
                one_entry_is_an_array_of_one
                one_entry_and_all_entries_in_one_loop
            }
            global_reduction {
                unsigned_numbers_reduce
                signed_numbers_reduce
                real_numbers_reduce
                every_size_of_set_reduces
                a_global_passed_twice_gets_both_sums
                two_globals_in_one_loop
                a_loop_run_again_adds_again
                a_global_of_many_components
                real_sums_are_those_of_a_plain_loop
                sums_over_values_behind_a_map
                a_global_changed_between_loops_is_seen
                a_reduced_global_is_read_by_the_next_loop
                a_reduction_starts_from_the_identity
                a_reduction_collects_until_it_is_read
                a_reduction_holds_one_kind_of_result
            }
            subset {
                a_direct_loop_touches_the_subset_only
                an_indirect_loop_touches_what_the_subset_reaches
                complementary_subsets_cover_the_set_once
                a_loop_over_an_empty_subset_does_nothing
                subsets_are_sorted_and_unique
                subsets_combine_as_sets_do
                a_loop_runs_over_a_subset_of_a_subset
                an_element_outside_the_set_is_refused
                subsets_of_different_sets_do_not_combine
                values_globals_and_numbers_in_a_subset_loop
                every_mode_through_maps_in_a_subset_loop
                write_and_rw_through_maps_in_a_subset_loop
                subsets_of_any_size_have_their_own_plans
                a_loop_runs_over_the_subset_of_a_function
            }
            constants {
                a_kernel_reads_a_constant
                a_kernel_reads_an_array_constant
                constants_of_all_types_in_one_kernel
                a_constant_changes_between_loops
                a_constant_may_get_its_value_later
                a_constant_without_a_value_is_an_error
                functions_read_constants_too
                rust_constants_are_read_by_name
                generic_kernels_read_constants
                a_kernel_called_as_a_function_reads_constants
            }
            values_and_index {
                index_is_the_number_of_the_element
                index_in_a_subset_is_the_number_in_the_set
                index_is_that_of_the_loop_not_of_the_target
                a_value_is_the_same_for_all_elements
                values_have_any_element_type
                values_are_variables_references_fields_and_expressions
            }
            element_types {
                real_numbers
                signed_integers
                unsigned_integers
                truth_values
                nested_arrays
                arrays_of_arrays_of_arrays_behind_a_map
                wide_rows
            }
            dats {
                a_dat_holds_what_it_was_given
                the_number_of_values_must_fit
                names_are_taken_while_a_handle_lives
                a_read_guard_lets_readers_by
                a_write_guard_keeps_everyone_out
                guards_of_other_dats_are_no_hindrance
                clones_are_the_same_dat
                layouts_do_not_change_a_bit
                guards_see_rows_in_any_layout
                data_outlives_the_context
            }
            kernels {
                branches_and_counted_loops
                loops_with_conditions
                choices_among_literals
                early_returns_and_labels
                names_shadow_as_in_rust
                mathematics_of_real_numbers
                arithmetic_of_integers
                kernels_call_functions
                generic_kernels_are_inferred_or_named
                const_generic_kernels_serve_any_dimension
                kernels_have_paths_and_other_names
                a_kernel_may_stand_inside_a_function
                the_number_of_lanes_does_not_change_values
                a_kernel_may_do_nothing
                a_kernel_is_a_plain_function_too
            }
            arguments {
                fields_name_dats_maps_and_sets
                references_name_what_they_refer_to
                shared_handles_name_what_they_hold
                temporaries_live_as_long_as_the_loop
                arrays_of_handles_are_indexed
                an_entry_may_be_a_const_parameter
                loops_stand_in_generic_functions
                a_loop_is_an_expression
            }
            conflicts {
                reading_twice_is_fine
                reading_and_changing_is_refused
                two_ways_of_changing_are_refused
                one_value_twice_is_refused
                direct_and_indirect_changes_are_refused
                increments_and_extremes_through_several_entries_are_fine
                several_entries_of_one_element_change_together
                a_global_has_one_mode_in_a_loop
            }
            errors {
                a_map_has_a_row_for_each_element
                map_entries_name_elements_of_the_target
                a_map_gives_its_table_back
                a_set_must_fit_local_numbers
                sets_of_one_marker_are_told_apart
                all_mistakes_of_a_loop_are_reported
                one_mistake_is_one_line
                a_refused_loop_leaves_reductions_alone
            }
            contexts {
                contexts_of_different_backends_live_side_by_side
                names_are_those_of_one_context
                sets_of_another_context_are_refused_in_declarations
                data_of_another_context_is_refused_in_loops
                a_clone_is_the_same_context
                a_context_knows_its_threads
                contexts_run_on_several_threads_at_once
            }
            many_arguments {
                forty_arguments_make_one_loop
            }
            determinism {
                every_run_gives_the_same_bits
                any_number_of_threads_gives_the_same_bits
                the_winner_of_conflicting_writes_is_the_same
            }
            panics {
                a_panic_names_the_loop_and_its_place
                loops_after_a_panic_work
                a_message_arrives_whole
                a_panic_of_the_program_between_loops_is_its_own
            }
            concurrency {
                loops_of_two_threads_take_turns
                loops_inside_run_take_turns_with_others
                several_threads_may_run_inside
                readers_and_loops_take_turns
                run_gives_back_what_it_was_asked_for
                an_error_inside_run_comes_out
                loops_start_from_threads_of_another_context
            }
            checked {
                conflicting_writes_are_named
                conflicts_between_two_entries_are_found
                a_subset_without_the_conflict_runs
                an_infinity_is_laid_at_its_elements_door
                a_nan_behind_a_map_is_found
                a_nan_that_was_there_before_is_nobodys_fault
                a_panic_is_laid_at_its_elements_door
                sound_loops_pass
            }
            linear_algebra {
                norm_and_inner_product_of_small_vectors
                integers_and_arrays_take_part
                results_are_those_of_plain_arithmetic
                a_result_may_be_an_operand
                an_empty_set_has_empty_sums
                dats_of_different_sets_do_not_mix
            }
            solvers {
                conjugate_gradients_with_each_preconditioner
                nonsymmetric_systems_are_solved
                restarts_solve_the_same_system
                indefinite_systems_are_solved
                vector_valued_unknowns_with_each_preconditioner
                single_precision_converges
                renumbered_systems_have_the_same_solution
                threads_change_no_bit_of_a_solution
                failures_carry_a_report
                nothing_to_solve_takes_no_iterations
                fused_vector_loops_are_their_parts
                scratch_data_stay_out_of_the_way
                mixed_systems_are_solved
                newton_finds_the_root
            }
            dense {
                kernels_of_another_crate_call_dense_functions
                dense_functions_serve_any_size_and_precision
                normals_point_up
            }
            renumbering {
                results_stay_the_same
                twice_is_as_good_as_once
                a_curve_orders_points
                what_is_declared_afterwards_uses_the_users_numbers
                a_guard_keeps_everything_where_it_is
            }
            prepared {
                a_prepared_loop_runs_again_and_again
                a_prepared_loop_keeps_its_data_alive
                a_prepared_loop_keeps_the_rules
                the_report_counts_calls_and_useful_bytes
            }
            random_matrices {
                random_tensors_match_a_dense_matrix
                a_renumbered_mesh_gives_the_same_matrix
                elements_may_move_under_a_matrix
                blocks_may_have_any_shape
                assembly_is_reproducible
            }
            matrices {
                a_loop_assembles_the_mass_matrix
                a_loop_over_points_assembles_the_mass_matrix
                a_right_hand_side_is_assembled_point_by_point
                increments_add_up_and_writes_replace
                vector_spaces_have_blocks
                masked_maps_drop_rows_and_columns
                several_loops_fill_one_matrix
                what_does_not_fit_is_refused
                sparsities_are_shared
                one_component_of_some_rows_is_eliminated
                a_listed_sparsity_is_filled_by_loops
                the_report_counts_products
                the_mass_system_is_solved
            }
            mixed_matrices {
                a_mixed_matrix_has_the_known_blocks
            }
            devices {
                values_move_only_when_they_are_needed
                renumbered_values_arrive_in_their_places
                matrices_stay_where_they_are_filled
                the_report_says_how_changes_are_kept_apart
                two_contexts_have_values_of_their_own
            }
            airfoil {
                the_published_digits
                single_precision_stays_near
                a_shuffled_mesh_carries_the_same_flow
            }
            aero {
                steps_are_those_of_a_plain_program
                an_assembled_matrix_gives_the_same_steps
                a_free_stream_needs_no_correction
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! tests_of {
    ($target:expr; $($theme:ident { $($test:ident)* })*) => {$(
        mod $theme {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $test() {
                    let target: $crate::target::Target = $target;
                    let name = concat!(stringify!($theme), "::", stringify!($test));
                    target.run(name, $crate::$theme::$test);
                }
            )*
        }
    )*};
}
